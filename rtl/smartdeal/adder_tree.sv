// Adder tree of one output column: the sums of a slice's lines, a register a level (SmartDeal paper, section V-B; rule 26).
module adder_tree #(
    parameter integer INPUTS = 4,
    parameter integer SUM_W = 32
) (
    input  logic                    clk,
    input  logic [INPUTS*SUM_W-1:0] terms,
    output logic [SUM_W-1:0]        sum      // of the terms $clog2(INPUTS) cycles before
);
  localparam integer LEVELS = $clog2(INPUTS);
  localparam integer LEAVES = 1 << LEVELS;

  // Node 1 is the root; nodes LEAVES .. 2 LEAVES - 1 are the terms.
  logic [2*LEAVES*SUM_W-1:SUM_W] node /*verilator public_flat_rd*/;
  genvar i;
  generate
    for (i = 0; i < LEAVES; i = i + 1) begin : g_leaf
      if (i < INPUTS) begin : g_term
        assign node[(LEAVES+i)*SUM_W+:SUM_W] = terms[i*SUM_W+:SUM_W];
      end else begin : g_none
        assign node[(LEAVES+i)*SUM_W+:SUM_W] = '0;
      end
    end
    for (i = 1; i < LEAVES; i = i + 1) begin : g_node
      logic [SUM_W-1:0] register;
      always_ff @(posedge clk) register <= node[2*i*SUM_W+:SUM_W] + node[(2*i+1)*SUM_W+:SUM_W];
      assign node[i*SUM_W+:SUM_W] = register;
    end
  endgenerate
  assign sum = node[SUM_W+:SUM_W];
endmodule
