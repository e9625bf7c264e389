// Multiplexer: one of INPUTS values of W bits.
module multiplexer #(
    parameter integer INPUTS = 16,
    parameter integer W = 8
) (
    input  logic [INPUTS*W-1:0]         values,
    input  logic [$clog2(INPUTS)-1:0] choice,
    output logic [W-1:0]                value
);
  assign value = values[choice*W+:W];
endmodule
