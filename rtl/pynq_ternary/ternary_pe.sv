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
  localparam integer STAGES = DEPTH - 6;  // of the tree

  logic [DEPTH-2:0] valid /*verilator public_flat_rd*/;  // trips that have passed stage s
  logic [(DEPTH-1)*TAG_W-1:0] tag;
  logic [2*LANES-1:0] codes;                             // the lanes' own weights
  logic signed [SUM_W-1:0] held /*verilator public_flat_rd*/;

  logic [LANES*(VALUE_W+1)-1:0] lanes /*verilator public_flat_rd*/;  // a bit more: the most negative value is subtracted too

  always_ff @(posedge clk) begin
    if (rst) valid <= '0;
    else valid <= {valid[DEPTH-3:0], issue};
    tag <= {tag[(DEPTH-2)*TAG_W-1:0], issue_tag};
    if (valid[0]) codes <= in_use;
    held <= {{(SUM_W - VALUE_W - 1 - LEVELS) {g_stage[STAGES].registers[VALUE_W+LEVELS]}}, g_stage[STAGES].registers};
  end

  genvar i, s, n;
  generate
    for (i = 0; i < LANES; i = i + 1) begin : g_lane
      logic signed [VALUE_W:0] value;
      assign value = {window[i*VALUE_W+VALUE_W-1], window[i*VALUE_W+:VALUE_W]};
      always_ff @(posedge clk) begin
        if (codes[2*i]) lanes[i*(VALUE_W+1)+:VALUE_W+1] <= codes[2*i+1] ? -value : value;
        else lanes[i*(VALUE_W+1)+:VALUE_W+1] <= '0;
      end
    end
    // Stage s passes levels (s - 1) L / STAGES .. s L / STAGES, rounded up. A sum has a bit more a level.
    for (s = 1; s <= STAGES; s = s + 1) begin : g_stage
      localparam integer FROM = (LEVELS * (s - 1) + STAGES - 1) / STAGES;
      localparam integer TO = (LEVELS * s + STAGES - 1) / STAGES;
      localparam integer STEP = 1 << (TO - FROM);
      localparam integer IN_W = VALUE_W + 1 + FROM, WIDTH = VALUE_W + 1 + TO;
      localparam integer IN_COUNT = (LANES + (1 << FROM) - 1) >> FROM, COUNT = (LANES + (1 << TO) - 1) >> TO;
      logic [COUNT*WIDTH-1:0] registers /*verilator public_flat_rd*/;
      logic [COUNT*STEP*IN_W-1:0] operands;
      if (s == 1) begin : g_first
        assign operands[IN_COUNT*IN_W-1:0] = lanes;
      end else begin : g_next
        assign operands[IN_COUNT*IN_W-1:0] = g_stage[s-1].registers;
      end
      if (COUNT * STEP > IN_COUNT) begin : g_none
        assign operands[COUNT*STEP*IN_W-1:IN_COUNT*IN_W] = '0;
      end
      for (n = 0; n < COUNT; n = n + 1) begin : g_sum
        logic signed [WIDTH-1:0] sum;
        integer k;
        always_comb begin
          sum = '0;
          for (k = 0; k < STEP; k = k + 1)
            sum = sum + {{(WIDTH - IN_W) {operands[(n*STEP+k+1)*IN_W-1]}}, operands[(n*STEP+k)*IN_W+:IN_W]};
        end
        always_ff @(posedge clk) registers[n*WIDTH+:WIDTH] <= sum;
      end
    end
  endgenerate

  assign read_valid = valid[DEPTH-3];
  assign read_tag = tag[(DEPTH-3)*TAG_W+:TAG_W];
  assign write_valid = valid[DEPTH-2];
  assign write_tag = tag[(DEPTH-2)*TAG_W+:TAG_W];
  assign write_sum = partial_sum + held;
endmodule
