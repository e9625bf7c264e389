// PE of the ternary accelerator (docs/accelerators/pynq-z1-ternary.md, "What a PE computes" and rule 5): LANES lanes that
// add, subtract or hold, a tree of adders spread evenly over DEPTH - 3 stages, accumulation.
//   cycle of the issue  the window takes its last column; the PE takes the weights of the trip
//   + 1                 lanes
//   + 2 .. DEPTH - 2    tree
//   + DEPTH - 1         accumulation
module ternary_pe #(
    parameter integer LANES = 36,
    parameter integer DEPTH = 8,
    parameter integer VALUE_W = 17,  // 16-bit values, signed or unsigned
    parameter integer SUM_W = 32,
    parameter integer TAG_W = 16
) (
    input  logic                     clk,
    input  logic                     rst,
    input  logic                     issue,
    input  logic [TAG_W-1:0]         issue_tag,    // place of the output
    input  logic [2*LANES-1:0]       codes,        // weights of the trip: 00 0, 01 +1, 11 -1
    input  logic [LANES*VALUE_W-1:0] window,       // registers, as of the cycle after the issue
    output logic                     out_valid,
    output logic [TAG_W-1:0]         out_tag,
    output logic signed [SUM_W-1:0]  out_sum,
    input  logic signed [SUM_W-1:0]  partial_sum,  // the output's, read in the same cycle
    output logic signed [SUM_W-1:0]  accumulated
);
  localparam integer LEVELS = $clog2(LANES);
  localparam integer LEAVES = 1 << LEVELS;
  localparam integer STAGES = DEPTH - 3;  // of the tree

  logic [DEPTH-2:0] valid /*verilator public_flat_rd*/;  // by stage: 0 the issue, DEPTH - 2 the end of the tree
  logic [(DEPTH-1)*TAG_W-1:0] tag;
  logic [2*LANES-1:0] taken_codes;

  // Register stages s = 0 (after the lanes) .. STAGES; all operands of a level in the low places.
  logic [(STAGES+1)*LEAVES*SUM_W-1:0] operands /*verilator public_flat_rd*/;

  always_ff @(posedge clk) begin
    if (rst) valid <= '0;
    else valid <= {valid[DEPTH-3:0], issue};
    tag <= {tag[(DEPTH-2)*TAG_W-1:0], issue_tag};
    if (issue) taken_codes <= codes;
  end

  genvar i, s, n;
  generate
    for (i = 0; i < LEAVES; i = i + 1) begin : g_lane
      if (i < LANES) begin : g_used
        logic signed [VALUE_W-1:0] value;
        logic signed [SUM_W-1:0] extended;
        assign value = window[i*VALUE_W+:VALUE_W];
        assign extended = {{(SUM_W - VALUE_W) {value[VALUE_W-1]}}, value};
        logic signed [SUM_W-1:0] operand;
        always_ff @(posedge clk) begin
          if (taken_codes[2*i]) operand <= taken_codes[2*i+1] ? -extended : extended;
          else operand <= '0;
        end
        assign operands[i*SUM_W+:SUM_W] = operand;
      end else begin : g_none
        assign operands[i*SUM_W+:SUM_W] = '0;
      end
    end
    // Stage s passes levels (s - 1) L / STAGES .. s L / STAGES, rounded up.
    for (s = 1; s <= STAGES; s = s + 1) begin : g_stage
      localparam integer FROM = (LEVELS * (s - 1) + STAGES - 1) / STAGES;
      localparam integer TO = (LEVELS * s + STAGES - 1) / STAGES;
      localparam integer STEP = 1 << (TO - FROM);
      for (n = 0; n < LEAVES; n = n + 1) begin : g_sum
        if (n < (LEAVES >> TO)) begin : g_used
          logic signed [SUM_W-1:0] sum, register;
          integer k;
          always_comb begin
            sum = '0;
            for (k = 0; k < STEP; k = k + 1)
              sum = sum + operands[((s-1)*LEAVES+n*STEP+k)*SUM_W+:SUM_W];
          end
          always_ff @(posedge clk) register <= sum;
          assign operands[(s*LEAVES+n)*SUM_W+:SUM_W] = register;
        end else begin : g_none
          assign operands[(s*LEAVES+n)*SUM_W+:SUM_W] = '0;
        end
      end
    end
  endgenerate

  assign out_valid = valid[DEPTH-2];
  assign out_tag = tag[(DEPTH-2)*TAG_W+:TAG_W];
  assign out_sum = operands[STAGES*LEAVES*SUM_W+:SUM_W];
  assign accumulated = partial_sum + out_sum;
endmodule
