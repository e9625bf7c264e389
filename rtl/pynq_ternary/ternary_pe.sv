// PE of the ternary accelerator (docs/accelerators/pynq-z1-ternary.md, "What a PE computes" and rule 5): LANES lanes that
// add, subtract or hold, a tree of adders spread evenly over DEPTH - 6 stages, accumulation in a block RAM.
//   cycle of the issue  the input buffer is addressed with the trip's last column
//   + 1                 the lanes' registers take the weights in use
//   + 2                 the window takes the column
//   + 3                 lanes
//   + 4 .. DEPTH - 3    tree
//   + DEPTH - 2         the accumulator is addressed
//   + DEPTH - 1         it is added to and written
module ternary_pe #(
    parameter integer LANES = 144,
    parameter integer DEPTH = 14,
    parameter integer VALUE_W = 17,  // 16-bit values, signed or unsigned
    parameter integer SUM_W = 32,
    parameter integer TAG_W = 16
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic                     issue,
    input  logic [TAG_W-1:0]         issue_tag,     // place of the output
    input  logic [2*LANES-1:0]       in_use,        // weights of the loop: 00 0, 01 +1, 11 -1
    input  logic [LANES*VALUE_W-1:0] window,        // registers, LANES / K_w banks of K_w columns, the newest last
    output logic                     read_valid,
    output logic [TAG_W-1:0]         read_tag,
    input  logic signed [SUM_W-1:0]  partial_sum,   // what was read in the cycle before
    output logic                     write_valid,
    output logic [TAG_W-1:0]         write_tag,
    output logic signed [SUM_W-1:0]  write_sum
);
  localparam integer LEVELS = $clog2(LANES);
  localparam integer LEAVES = 1 << LEVELS;
  localparam integer STAGES = DEPTH - 6;  // of the tree

  logic [DEPTH-2:0] valid /*verilator public_flat_rd*/;  // trips that have passed stage s
  logic [(DEPTH-1)*TAG_W-1:0] tag;
  logic [2*LANES-1:0] codes;                             // the lanes' own weights
  logic signed [SUM_W-1:0] held /*verilator public_flat_rd*/;

  // Register stages s = 0 (after the lanes) .. STAGES; all operands of a level in the low places.
  logic [(STAGES+1)*LEAVES*SUM_W-1:0] operands /*verilator public_flat_rd*/;

  always_ff @(posedge clk) begin
    if (rst) valid <= '0;
    else valid <= {valid[DEPTH-3:0], issue};
    tag <= {tag[(DEPTH-2)*TAG_W-1:0], issue_tag};
    if (valid[0]) codes <= in_use;
    held <= operands[STAGES*LEAVES*SUM_W+:SUM_W];
  end

  genvar i, s, n;
  generate
    for (i = 0; i < LEAVES; i = i + 1) begin : g_lane
      if (i < LANES) begin : g_used
        logic signed [VALUE_W-1:0] value;
        logic signed [VALUE_W:0] extended, operand;  // a bit more: the most negative value is subtracted too
        assign value = window[i*VALUE_W+:VALUE_W];
        assign extended = {value[VALUE_W-1], value};
        always_ff @(posedge clk) begin
          if (codes[2*i]) operand <= codes[2*i+1] ? -extended : extended;
          else operand <= '0;
        end
        assign operands[i*SUM_W+:SUM_W] = {{(SUM_W - VALUE_W - 1) {operand[VALUE_W]}}, operand};
      end else begin : g_none
        assign operands[i*SUM_W+:SUM_W] = '0;
      end
    end
    // Stage s passes levels (s - 1) L / STAGES .. s L / STAGES, rounded up. A sum has a bit more a level.
    for (s = 1; s <= STAGES; s = s + 1) begin : g_stage
      localparam integer FROM = (LEVELS * (s - 1) + STAGES - 1) / STAGES;
      localparam integer TO = (LEVELS * s + STAGES - 1) / STAGES;
      localparam integer STEP = 1 << (TO - FROM);
      localparam integer WIDTH = VALUE_W + 1 + TO;
      for (n = 0; n < LEAVES; n = n + 1) begin : g_sum
        if (n < ((LANES + (1 << TO) - 1) >> TO)) begin : g_used
          logic signed [WIDTH-1:0] sum, register;
          integer k;
          always_comb begin
            sum = '0;
            for (k = 0; k < STEP; k = k + 1)
              sum = sum + operands[((s-1)*LEAVES+n*STEP+k)*SUM_W+:WIDTH];
          end
          always_ff @(posedge clk) register <= sum;
          assign operands[(s*LEAVES+n)*SUM_W+:SUM_W] = {{(SUM_W - WIDTH) {register[WIDTH-1]}}, register};
        end else begin : g_none
          assign operands[(s*LEAVES+n)*SUM_W+:SUM_W] = '0;
        end
      end
    end
  endgenerate

  assign read_valid = valid[DEPTH-3];
  assign read_tag = tag[(DEPTH-3)*TAG_W+:TAG_W];
  assign write_valid = valid[DEPTH-2];
  assign write_tag = tag[(DEPTH-2)*TAG_W+:TAG_W];
  assign write_sum = partial_sum + held;
endmodule
