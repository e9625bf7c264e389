// Multiplier of two signed W-bit values.
module multiplier #(
    parameter integer W = 8
) (
    input  logic signed [W-1:0]   a,
    input  logic signed [W-1:0]   b,
    output logic signed [2*W-1:0] product
);
  assign product = a * b;
endmodule
