// Adder tree of INPUTS signed values of W bits; sums grow by a bit a level. No registers.
module sum_tree #(
    parameter integer INPUTS = 16,
    parameter integer W = 16
) (
    input  logic [INPUTS*W-1:0]                  terms,
    output logic signed [W+$clog2(INPUTS)-1:0] sum
);
  localparam integer SUM_W = W + $clog2(INPUTS);
  localparam integer LEVELS = $clog2(INPUTS);
  localparam integer LEAVES = 1 << LEVELS;

  // Node 1 is the root; nodes LEAVES .. 2 LEAVES - 1 are the terms. Upper bits of a low level repeat the sign.
  genvar i, level;
  // No loop: a node reads those of the level below. Low levels do not use all bits.
  // verilator lint_off UNOPTFLAT
  // verilator lint_off UNUSEDSIGNAL
  logic [2*LEAVES*SUM_W-1:0] node;
  assign node[0+:SUM_W] = '0;
  generate
    for (i = 0; i < LEAVES; i = i + 1) begin : g_leaf
      if (i < INPUTS) begin : g_term
        assign node[(LEAVES+i)*SUM_W+:SUM_W] = {{(SUM_W - W) {terms[(i+1)*W-1]}}, terms[i*W+:W]};
      end else begin : g_none
        assign node[(LEAVES+i)*SUM_W+:SUM_W] = '0;
      end
    end
    for (level = 0; level < LEVELS; level = level + 1) begin : g_level
      localparam integer WIDTH = W + LEVELS - level;  // of the sums
      for (i = 0; i < (1 << level); i = i + 1) begin : g_node
        localparam integer AT = (1 << level) + i;
        logic [WIDTH-1:0] here;
        assign here = node[2*AT*SUM_W+:WIDTH] + node[(2*AT+1)*SUM_W+:WIDTH];
        assign node[AT*SUM_W+:SUM_W] = {{(SUM_W - WIDTH + 1) {here[WIDTH-1]}}, here[WIDTH-2:0]};
      end
    end
  endgenerate
  // verilator lint_on UNUSEDSIGNAL
  // verilator lint_on UNOPTFLAT
  assign sum = node[SUM_W+:SUM_W];
endmodule
