// Requantisation of a sum of SUM_W bits to OUT_W: bias, scale of 16 bits, rounding shift, zero point of ReLU, saturation; three stages.
module requantiser #(
    parameter integer SUM_W = 32,
    parameter integer OUT_W = 8
) (
    input  logic                    clk,
    input  logic signed [SUM_W-1:0] sum,
    input  logic signed [SUM_W-1:0] bias,
    input  logic signed [15:0]      scale,
    input  logic [4:0]              places,
    input  logic                    relu,
    output logic signed [OUT_W-1:0] out
);
  localparam integer WIDE = SUM_W + 16;
  logic signed [SUM_W-1:0] biased;
  logic signed [WIDE-1:0] product, rounded;
  assign rounded = ((product >>> places) + 1) >>> 1;
  always_ff @(posedge clk) begin
    biased <= sum + bias;
    product <= biased * scale;
    if (rounded < 0 && (relu || rounded < -(1 << (OUT_W - 1)))) out <= relu ? '0 : {1'b1, {(OUT_W - 1) {1'b0}}};
    else if (rounded > (1 << (OUT_W - 1)) - 1) out <= {1'b0, {(OUT_W - 1) {1'b1}}};
    else out <= rounded[OUT_W-1:0];
  end
endmodule
