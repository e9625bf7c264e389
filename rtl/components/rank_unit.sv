// Rank of a bit in a word of W bits with its sample: ones before the position, added to the sample (docs/decoders.md).
module rank_unit #(
    parameter integer W = 64,
    parameter integer SAMPLE_W = 16
) (
    input  logic                  clk,
    input  logic [W-1:0]          word,
    input  logic [$clog2(W)-1:0]  position,
    input  logic [SAMPLE_W-1:0]   sample,
    output logic                  bit_there,
    output logic [SAMPLE_W-1:0]   rank
);
  logic [W-1:0] earlier;
  logic [$clog2(W+1)-1:0] ones;
  integer i;
  always_comb begin
    earlier = word & ~({W{1'b1}} << position);
    ones = '0;
    for (i = 0; i < W; i = i + 1) ones = ones + {{($clog2(W+1)-1){1'b0}}, earlier[i]};
  end
  always_ff @(posedge clk) begin
    bit_there <= word[position];
    rank <= sample + {{(SAMPLE_W-$clog2(W+1)){1'b0}}, ones};
  end
endmodule
