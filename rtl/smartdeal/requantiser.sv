// Requantisation of one output: (sum + bias) x multiplier / 2^shift, rounded half to even, saturated to 8 bits; three stages.
// As requantise() in sim/smartdeal/requantise.h. A partial sum passes as it is with bias 0, multiplier 1, shift 0 and
// `final_sum` low.
module requantiser #(
    parameter integer SUM_W = 32,
    parameter integer MULTIPLIER_W = 16,
    parameter integer RESULT_SHIFT_W = 6
) (
    input  logic                             clk,
    input  logic signed [SUM_W-1:0]          sum,
    input  logic signed [SUM_W-1:0]          bias,
    // In the next cycle, the one after, the same:
    input  logic        [MULTIPLIER_W-1:0]   multiplier,
    input  logic        [RESULT_SHIFT_W-1:0] shift,
    input  logic                             final_sum,
    input  logic                             result_signed,
    output logic        [SUM_W-1:0]          result
);
  localparam integer PRODUCT_W = SUM_W + 1 + MULTIPLIER_W;

  logic signed [SUM_W:0] biased;
  localparam integer HALF_W = PRODUCT_W - 3;  // shifts of up to PRODUCT_W - 2

  logic signed [PRODUCT_W-1:0] product, rounded;
  logic signed [PRODUCT_W:0] widened;
  logic [HALF_W-1:0] half;  // a bit less than one half of the last place
  logic odd, above, below;
  assign half = shift == '0 ? '0 : ~({HALF_W{1'b1}} << (shift - 1'b1));
  assign odd = shift != '0 && product[shift];
  assign widened = (PRODUCT_W + 1)'(product) + $signed({{PRODUCT_W + 1 - HALF_W{1'b0}}, half}) + $signed({{PRODUCT_W{1'b0}}, odd});
  assign rounded = PRODUCT_W'(widened >>> shift);
  assign above = !rounded[PRODUCT_W-1] && (rounded[PRODUCT_W-2:8] != '0 || (result_signed && rounded[7]));
  assign below = rounded[PRODUCT_W-1] && !(result_signed && (&rounded[PRODUCT_W-2:7]));
  always_ff @(posedge clk) begin
    biased <= (SUM_W + 1)'(sum) + (SUM_W + 1)'(bias);
    product <= biased * $signed({1'b0, multiplier});
    if (!final_sum) result <= rounded[SUM_W-1:0];
    else if (above) result <= {{SUM_W - 8{1'b0}}, !result_signed, 7'h7F};
    else if (below) result <= {{SUM_W - 7{result_signed}}, 7'd0};
    else result <= rounded[SUM_W-1:0];
  end
endmodule
