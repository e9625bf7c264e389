// A stage of a pipelined restoring divider: a bit of the quotient of two W-bit values.
module divider_stage #(
    parameter integer W = 16
) (
    input  logic         clk,
    input  logic [2*W-2:0] in,         // remainder and bits of the dividend to come; quotient from below
    input  logic [W-1:0] divisor,
    output logic [2*W-2:0] out,
    output logic [W-1:0] divisor_out
);
  logic [W:0] difference;
  assign difference = {1'b0, in[2*W-2:W-1]} - {1'b0, divisor};
  always_ff @(posedge clk) begin
    out <= {difference[W] ? in[2*W-3:W-1] : difference[W-2:0], in[W-2:0], !difference[W]};
    divisor_out <= divisor;
  end
endmodule
