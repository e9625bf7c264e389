// One column of Bit-Pragmatic (docs/accelerators/bit-pragmatic.md, rules 1, 3, 4 and 7): a brick of LANES activations
// against FILTERS filters, in signed powers of two ("oneffsets"), lowest first, with two-stage shifting. Bricks enter
// their buffers through the oneffset generators. The choice of a cycle's oneffsets is followed by three stages, each of
// which moves on when the next is empty or becomes so:
//   control   what each lane does    -> the lanes' shifters
//   terms     shifted weights        -> adder trees
//   trees     their sums             -> common shift, addition to the window's sums, or to the result latch
module pragmatic_column #(
    parameter integer LANES = 16,
    parameter integer FILTERS = 16,
    parameter integer BITS = 8,              // of activations and weights
    parameter integer FIRST_STAGE_BITS = 2,  // L: a lane's own shifter reaches 2^L - 1
    parameter integer BUFFERS = 2,           // of bricks
    parameter integer SLOT_W = 1,            // numbers them
    parameter integer SUM_W = 32
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [1:0]                    cfg_encoding,  // 0 one-bits, 1 radix-4 Booth digits, 2 digits without neighbours
    input  logic                          cfg_signed,    // activations
    // The dispatcher puts a brick into a buffer.
    input  logic                          put,
    input  logic [SLOT_W-1:0]             put_slot,
    input  logic [LANES*BITS-1:0]         put_brick,
    // The next set: offered when weights, brick and the other columns are ready; taken when the column is free.
    input  logic                          offer,
    input  logic                          offer_last,    // the window's last brick
    input  logic [SLOT_W-1:0]             offer_slot,    // its brick
    input  logic [FILTERS*LANES*BITS-1:0] offer_weights,
    output logic                          take,
    output logic                          free,          // a set that is offered in this cycle is taken
    output logic                          busy,          // oneffsets are chosen in this cycle
    // Result latch.
    output logic                          latch_valid,
    output logic [FILTERS*SUM_W-1:0]      latch_sums,
    input  logic                          latch_take
);
  localparam integer POWERS = BITS + 1;  // the last Booth digit of an unsigned value is 2^BITS
  localparam integer FULL_REACH = (1 << FIRST_STAGE_BITS) - 1;
  localparam integer REACH = (FULL_REACH > BITS) ? BITS : FULL_REACH;
  localparam integer POWER_W = $clog2(POWERS);
  localparam integer SHIFT_W = (REACH == 0) ? 1 : $clog2(REACH + 1);
  localparam integer TERM_W = BITS + REACH + 1;
  localparam integer TREE_W = TERM_W + $clog2(LANES);

  // Powers 1 .. BITS left in each lane; those of 0 are always chosen in the first cycle.
  logic [LANES*BITS-1:0] pending /*verilator public_flat_rd*/, negative;
  logic [FILTERS*LANES*BITS-1:0] weights;
  logic idle, last_brick;  // no brick in progress; the one in progress is its window's last

  // ---- Oneffset generators and brick buffers.
  logic [LANES*POWERS-1:0] made, made_negative;
  genvar l, f;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_generator
      logic [BITS-1:0] value;
      logic [BITS+2:0] bits;        // b[2k+1] b[2k] b[2k-1] of Booth digit k are bits 2k+2 .. 2k
      logic [POWERS:0] once, three; // the value and three times the value
      logic [POWERS-1:0] digit, place, sign;
      integer k;
      assign value = put_brick[l*BITS+:BITS];
      assign bits = {{2{cfg_signed && value[BITS-1]}}, value, 1'b0};
      assign once = bits[POWERS+1:1];
      assign three = once + {once[POWERS-1:0], 1'b0};
      always_comb begin
        for (k = 0; k < POWERS; k = k + 2) digit[k] = bits[k] != bits[k+1];
        for (k = 1; k < POWERS; k = k + 2) digit[k] = bits[k-1] == bits[k] && bits[k] != bits[k+1];
        for (k = 0; k < POWERS; k = k + 1) begin
          // Where the value and its triple differ, one place up, there is a digit; negative where the value's bit is set.
          place[k] = cfg_encoding[1] ? once[k+1] != three[k+1] : cfg_encoding[0] ? digit[k] : k < BITS && value[k % BITS];
          // The top bit of a signed value counts -2^(BITS - 1).
          sign[k] = cfg_encoding[1] ? once[k+1] : cfg_encoding[0] ? bits[(k|1)+1] : cfg_signed && k == BITS - 1;
        end
      end
      assign made[l*POWERS+:POWERS] = place;
      assign made_negative[l*POWERS+:POWERS] = sign;
    end
  endgenerate

  logic [LANES*POWERS-1:0] brick, brick_negative;
  logic [BUFFERS*LANES*POWERS-1:0] buffers, buffers_negative;
  genvar b;
  generate
    for (b = 0; b < BUFFERS; b = b + 1) begin : g_buffer
      always_ff @(posedge clk) begin
        if (put && put_slot == b) begin
          buffers[b*LANES*POWERS+:LANES*POWERS] <= made;
          buffers_negative[b*LANES*POWERS+:LANES*POWERS] <= made_negative;
        end
      end
    end
  endgenerate
  assign brick = buffers[offer_slot*LANES*POWERS+:LANES*POWERS];
  assign brick_negative = buffers_negative[offer_slot*LANES*POWERS+:LANES*POWERS];

  // ---- A cycle of the brick: the lowest pending power is the common shift; lanes within reach of it retire theirs.
  logic [LANES*POWERS-1:0] now, now_negative;
  logic [LANES*BITS-1:0] left;
  logic [POWERS-1:0] any, lowest;
  logic [POWER_W-1:0] common;
  logic done, last, room;
  assign free = idle && room;
  assign take = free && offer;
  assign busy = take || (!idle && room);
  assign last = take ? offer_last : last_brick;
  integer i, p;
  always_comb begin
    any = '0;
    for (i = 0; i < LANES; i = i + 1) any = any | now[i*POWERS+:POWERS];
    lowest = any & (~any + 1'b1);
    common = '0;
    for (p = 0; p < POWERS; p = p + 1) common = common | (lowest[p] ? p[POWER_W-1:0] : '0);
  end

  logic [LANES-1:0] fires, minus;
  logic [LANES*SHIFT_W-1:0] shift;
  generate
    for (l = 0; l < LANES; l = l + 1) begin : g_lane
      logic [POWERS-1:0] mine, first;
      logic [REACH:0] near;  // the lane's first power is the common one, one more, ...
      logic [SHIFT_W-1:0] difference;
      integer q;
      assign now[l*POWERS+:POWERS] = take ? brick[l*POWERS+:POWERS] : {pending[l*BITS+:BITS], 1'b0};
      assign now_negative[l*POWERS+:POWERS] = take ? brick_negative[l*POWERS+:POWERS] : {negative[l*BITS+:BITS], 1'b0};
      assign mine = now[l*POWERS+:POWERS];
      assign first = mine & (~mine + 1'b1);
      always_comb begin
        difference = '0;
        for (q = 0; q <= REACH; q = q + 1) begin
          near[q] = ((first >> q) & lowest) != '0;
          difference = difference | (near[q] ? q[SHIFT_W-1:0] : '0);
        end
      end
      assign fires[l] = near != '0;
      assign minus[l] = (first & now_negative[l*POWERS+:POWERS]) != '0;
      assign shift[l*SHIFT_W+:SHIFT_W] = difference;
      assign left[l*BITS+:BITS] = fires[l] ? mine[BITS:1] & ~first[BITS:1] : mine[BITS:1];
      always_ff @(posedge clk) if (take) negative[l*BITS+:BITS] <= brick_negative[l*POWERS+1+:BITS];
    end
  endgenerate
  assign done = left == '0;

  // ---- Stages behind it.
  logic control_valid /*verilator public_flat_rd*/, terms_valid /*verilator public_flat_rd*/;
  logic trees_valid /*verilator public_flat_rd*/, result_waits /*verilator public_flat_rd*/;
  logic control_last, terms_last, trees_last /*verilator public_flat_rd*/;
  logic [POWER_W-1:0] control_common, terms_common, trees_common /*verilator public_flat_rd*/;
  logic [LANES-1:0] control_fires, control_minus;
  logic [LANES*SHIFT_W-1:0] control_shift;
  logic [FILTERS*LANES*TERM_W-1:0] terms /*verilator public_flat_rd*/, next_terms;
  logic [FILTERS*TREE_W-1:0] trees /*verilator public_flat_rd*/, next_trees;
  logic [FILTERS*SUM_W-1:0] sums /*verilator public_flat_rd*/, next_sums;
  logic adds, trees_move, terms_move;
  assign adds = trees_valid && !result_waits;
  assign trees_move = !trees_valid || adds;
  assign terms_move = !terms_valid || trees_move;
  assign room = !control_valid || terms_move;
  generate
    for (f = 0; f < FILTERS; f = f + 1) begin : g_pip
      logic signed [TREE_W-1:0] tree, sum;
      logic signed [SUM_W-1:0] extended;
      integer j;
      for (l = 0; l < LANES; l = l + 1) begin : g_term
        logic signed [TERM_W-1:0] weight, shifted, signed_term;
        assign weight = {{(TERM_W - BITS) {weights[(f*LANES+l)*BITS+BITS-1]}}, weights[(f*LANES+l)*BITS+:BITS]};
        assign shifted = weight << control_shift[l*SHIFT_W+:SHIFT_W];
        assign signed_term = control_minus[l] ? -shifted : shifted;
        assign next_terms[(f*LANES+l)*TERM_W+:TERM_W] = control_fires[l] ? signed_term : '0;
      end
      always_comb begin
        tree = '0;
        for (j = 0; j < LANES; j = j + 1)
          tree = tree + {{(TREE_W - TERM_W) {terms[(f*LANES+j)*TERM_W+TERM_W-1]}}, terms[(f*LANES+j)*TERM_W+:TERM_W]};
      end
      assign next_trees[f*TREE_W+:TREE_W] = tree;
      assign sum = trees[f*TREE_W+:TREE_W];
      assign extended = {{(SUM_W - TREE_W) {sum[TREE_W-1]}}, sum};
      assign next_sums[f*SUM_W+:SUM_W] = sums[f*SUM_W+:SUM_W] + (extended << trees_common);
    end
  endgenerate

  // ---- Registers. A window's sums go to the latch with the last addition if it is empty or being emptied.
  logic waits, moves;
  assign waits = result_waits || (adds && trees_last);
  assign moves = waits && (!latch_valid || latch_take);
  always_ff @(posedge clk) begin
    if (rst) begin
      idle <= 1'b1;
      control_valid <= 1'b0;
      terms_valid <= 1'b0;
      trees_valid <= 1'b0;
      result_waits <= 1'b0;
      latch_valid <= 1'b0;
      sums <= '0;
      pending <= '0;
    end else begin
      if (busy) begin
        pending <= left;
        idle <= done;
      end
      if (room) control_valid <= busy;
      if (terms_move) terms_valid <= control_valid;
      if (trees_move) trees_valid <= terms_valid;
      result_waits <= waits && !moves;
      if (moves) sums <= '0;
      else if (adds) sums <= next_sums;
      latch_valid <= moves || (latch_valid && !latch_take);
    end
    if (take) begin
      weights <= offer_weights;
      last_brick <= offer_last;
    end
    if (room) begin
      control_last <= done && last;
      control_common <= common;
      control_fires <= fires;
      control_minus <= minus;
      control_shift <= shift;
    end
    if (terms_move) begin
      terms_last <= control_last;
      terms_common <= control_common;
      terms <= next_terms;
    end
    if (trees_move) begin
      trees_last <= terms_last;
      trees_common <= terms_common;
      trees <= next_trees;
    end
    if (moves) latch_sums <= result_waits ? sums : next_sums;
  end
endmodule
