// Register that a value is added to, or that takes the value: a partial sum.
module accumulator #(
    parameter integer W = 32
) (
    input  logic         clk,
    input  logic         enable,
    input  logic         first,
    input  logic [W-1:0] value,
    output logic [W-1:0] sum
);
  always_ff @(posedge clk) if (enable) sum <= (first ? '0 : sum) + value;
endmodule
