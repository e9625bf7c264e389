// One column of Bit-Pragmatic (docs/accelerators/bit-pragmatic.md, rules 1, 3 and 7): a brick of LANES 8-bit activations
// against FILTERS filters, in signed powers of two ("oneffsets"), lowest first, with two-stage shifting.
module pragmatic_column #(
    parameter integer LANES = 4,
    parameter integer FILTERS = 4,
    parameter integer FIRST_STAGE_BITS = 2,  // L: a lane's own shifter reaches 2^L - 1
    parameter integer SUM_W = 32
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       cfg_booth,       // radix-4 Booth digits; otherwise one-bits
    input  logic                       cfg_signed,      // activations
    // The next set: offered when weights, brick and the other columns are ready; taken when the column is free.
    input  logic                       offer,
    input  logic                       offer_last,      // the window's last brick
    input  logic [LANES*8-1:0]         offer_brick,
    input  logic [FILTERS*LANES*8-1:0] offer_weights,
    output logic                       take,
    output logic                       free,
    output logic                       busy,            // oneffsets are processed in this cycle
    // Result latch.
    output logic                       latch_valid,
    output logic [FILTERS*SUM_W-1:0]   latch_sums,
    input  logic                       latch_take
);
  localparam integer POWERS = 9;  // 0 .. 8: the fifth Booth digit of an unsigned value is 2^8
  localparam integer REACH = (1 << FIRST_STAGE_BITS) - 1;
  localparam integer SHIFT_W = 4;
  localparam integer TREE_W = 8 + ((REACH > 8) ? 8 : REACH) + 1 + $clog2(LANES);

  logic [LANES*POWERS-1:0] pending /*verilator public_flat_rd*/, negative;  // by lane and power
  logic [FILTERS*LANES*8-1:0] weights;
  logic last_brick;
  logic result_waits /*verilator public_flat_rd*/;
  logic [FILTERS*SUM_W-1:0] sums /*verilator public_flat_rd*/;

  // ---- Oneffset generators.
  logic [LANES*POWERS-1:0] made, made_negative;
  genvar l, f;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_generator
      logic [7:0] value;
      logic [10:0] bits;  // b[2k+1] b[2k] b[2k-1] of Booth digit k are bits 2k+2 .. 2k
      // verilator lint_off UNUSEDSIGNAL
      logic [POWERS:0] digit_place, digit_sign;  // a fifth digit of +-2 cannot be
      // verilator lint_on UNUSEDSIGNAL
      logic [POWERS-1:0] place, sign;
      integer k;
      assign value = offer_brick[l*8+:8];
      assign bits = {{2{cfg_signed && value[7]}}, value, 1'b0};
      always_comb begin
        for (k = 0; k < 5; k = k + 1) begin
          digit_place[2*k] = bits[2*k] != bits[2*k+1];
          digit_place[2*k+1] = bits[2*k] == bits[2*k+1] && bits[2*k+1] != bits[2*k+2];
          digit_sign[2*k] = bits[2*k+2];
          digit_sign[2*k+1] = bits[2*k+2];
        end
      end
      // The top bit of a signed value counts -2^7.
      assign place = cfg_booth ? digit_place[POWERS-1:0] : {1'b0, value};
      assign sign = cfg_booth ? digit_sign[POWERS-1:0] : {1'b0, cfg_signed, 7'd0};
      assign made[l*POWERS+:POWERS] = place;
      assign made_negative[l*POWERS+:POWERS] = sign;
    end
  endgenerate

  // ---- A cycle of the brick: the lowest pending power is the common shift; lanes within reach of it retire theirs.
  logic [LANES*POWERS-1:0] now, now_negative, left;
  logic [FILTERS*LANES*8-1:0] used_weights;
  logic [POWERS-1:0] any, lowest;
  logic [SHIFT_W-1:0] common;
  logic done, last;
  assign take = free && offer;
  assign busy = take || (!free && !result_waits);
  assign now = take ? made : pending;
  assign now_negative = take ? made_negative : negative;
  assign used_weights = take ? offer_weights : weights;
  assign last = take ? offer_last : last_brick;
  integer i, p;
  always_comb begin
    any = '0;
    for (i = 0; i < LANES; i = i + 1) any = any | now[i*POWERS+:POWERS];
    lowest = any & (~any + 1'b1);
    common = '0;
    for (p = 0; p < POWERS; p = p + 1) if (lowest[p]) common = p[SHIFT_W-1:0];
  end

  logic [LANES-1:0] fires, minus;
  logic [LANES*SHIFT_W-1:0] shift;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      logic [POWERS-1:0] mine, first;
      logic [SHIFT_W-1:0] power, difference;
      integer q;
      assign mine = now[l*POWERS+:POWERS];
      assign first = mine & (~mine + 1'b1);
      always_comb begin
        power = '0;
        for (q = 0; q < POWERS; q = q + 1) if (first[q]) power = q[SHIFT_W-1:0];
      end
      assign difference = power - common;
      assign fires[l] = mine != '0 && difference <= REACH[SHIFT_W-1:0];
      assign minus[l] = (first & now_negative[l*POWERS+:POWERS]) != '0;
      assign shift[l*SHIFT_W+:SHIFT_W] = difference;
      assign left[l*POWERS+:POWERS] = fires[l] ? mine & ~first : mine;
    end
  endgenerate
  assign done = busy && left == '0;

  // ---- PIPs: shifted weights, adder tree, common shift, accumulator.
  logic [FILTERS*SUM_W-1:0] next_sums;
  generate
    for (f = 0; f < FILTERS; f = f + 1) begin : g_pip
      logic signed [TREE_W-1:0] tree, term;
      logic signed [SUM_W-1:0] extended;
      integer j;
      always_comb begin
        tree = '0;
        for (j = 0; j < LANES; j = j + 1) begin
          term = {{(TREE_W - 8) {used_weights[(f*LANES+j)*8+7]}}, used_weights[(f*LANES+j)*8+:8]};
          term = term << shift[j*SHIFT_W+:SHIFT_W];
          if (fires[j]) tree = minus[j] ? tree - term : tree + term;
        end
      end
      assign extended = {{(SUM_W - TREE_W) {tree[TREE_W-1]}}, tree};
      assign next_sums[f*SUM_W+:SUM_W] = sums[f*SUM_W+:SUM_W] + (extended << common);
    end
  endgenerate

  // ---- Registers. The sums go to the latch at the end of the window's last cycle if it is empty or being emptied.
  logic waits, moves;
  assign waits = result_waits || (done && last);
  assign moves = waits && (!latch_valid || latch_take);
  always_ff @(posedge clk) begin
    if (rst) begin
      free <= 1'b1;
      result_waits <= 1'b0;
      latch_valid <= 1'b0;
      sums <= '0;
      pending <= '0;
    end else begin
      if (busy) begin
        pending <= left;
        free <= done && (!last || moves);
        sums <= next_sums;
      end else if (moves) free <= 1'b1;
      result_waits <= waits && !moves;
      if (moves) begin
        sums <= '0;
        latch_sums <= busy ? next_sums : sums;
      end
      latch_valid <= moves || (latch_valid && !latch_take);
    end
    if (take) begin
      negative <= made_negative;
      weights <= offer_weights;
      last_brick <= offer_last;
    end
  end
endmodule
