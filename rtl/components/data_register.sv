// Register that takes a value or holds it.
module data_register #(
    parameter integer W = 32
) (
    input  logic         clk,
    input  logic         enable,
    input  logic [W-1:0] value,
    output logic [W-1:0] held
);
  always_ff @(posedge clk) if (enable) held <= value;
endmodule
