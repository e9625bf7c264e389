// Booth-recoded bit-serial multiply-accumulate unit (SmartDeal paper, section V-B; rules 22 and 23 of the model).
// A multiplication takes max(1, non-zero radix-4 Booth digits of the activation) cycles of `run`: each adds one
// signed, shifted copy of the weight. Which digits are not zero comes with the activation: it was recoded when it
// arrived. The unit that is done first waits for the others of its line (`advance`). The operand is taken in the first
// cycle of a tap and kept, so that the shift path may move on.
module booth_mac #(
    parameter integer PRECISION = 8,
    parameter integer WEIGHT_W = 18,
    parameter integer SUM_W = 32,
    parameter integer DIGITS = PRECISION / 2 + 1
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       run,      // the MAC works on a tap in this cycle
    input  logic                       enable,   // this MAC has an output column in the tile
    input  logic                       advance,  // with run: the tap ends in this cycle
    input  logic                       clear,    // hand-over: the sum begins anew; never together with run
    input  logic [PRECISION-1:0]       value,    // activation; read in the first cycle of a tap
    input  logic [DIGITS-1:0]          digits,   // which of its Booth digits are not zero; the last, 1, only if unsigned
    input  logic signed [WEIGHT_W-1:0] weight,
    output logic                       tap_done, // this MAC has finished the tap at the end of the cycle
    output logic signed [SUM_W-1:0]    sum
);
  localparam integer POSITION_W = $clog2(DIGITS);

  logic                 busy /*verilator public_flat_rd*/;     // within a tap
  logic                 waiting /*verilator public_flat_rd*/;  // finished the tap before the others
  logic [DIGITS-1:1]    left /*verilator public_flat_rd*/;     // with busy: digits not yet added
  logic [PRECISION-1:0] kept, operand;
  assign operand = busy ? kept : value;

  logic [DIGITS-1:0] pending, first;  // first: one-hot, the digit of this cycle
  logic [DIGITS-2:0] two, negative;   // of digit k by b[2k+1] b[2k] b[2k-1]; the last digit is 1
  logic              last, add;
  assign pending = busy ? {left, 1'b0} : digits;
  assign first   = pending & (~pending + 1'b1);
  assign last    = (pending & ~first) == '0;
  assign add     = run && enable && !waiting && pending != '0;
  logic [POSITION_W-1:0] position;
  integer k;
  always_comb begin
    two[0] = operand[1:0] == 2'b10;
    negative[0] = operand[1];
    for (k = 1; k < DIGITS - 1; k = k + 1) begin
      two[k]      = operand[2*k-1+:3] == 3'b011 || operand[2*k-1+:3] == 3'b100;
      negative[k] = operand[2*k+1];
    end
    position = '0;
    for (k = 1; k < DIGITS; k = k + 1) if (first[k]) position = k[POSITION_W-1:0];
  end

  logic signed [WEIGHT_W+1:0] multiple;  // digit x weight
  logic signed [SUM_W-1:0]    extended, term;
  always_comb begin
    multiple = (two & first[DIGITS-2:0]) != '0 ? {weight[WEIGHT_W-1], weight, 1'b0} : {{2{weight[WEIGHT_W-1]}}, weight};
    if ((negative & first[DIGITS-2:0]) != '0) multiple = -multiple;
    extended = {{(SUM_W - WEIGHT_W - 2) {multiple[WEIGHT_W+1]}}, multiple};
    term = extended << {position, 1'b0};
  end

  assign tap_done = !enable || waiting || last;

  always_ff @(posedge clk) begin
    if (rst) begin
      busy    <= 1'b0;
      waiting <= 1'b0;
      sum     <= '0;
    end else begin
      if (clear) sum <= '0;
      else if (add) sum <= sum + term;
      if (run && advance) begin
        busy    <= 1'b0;
        waiting <= 1'b0;
      end else if (run && enable && !waiting) begin
        busy    <= !last;
        waiting <= last;
      end
    end
  end
  always_ff @(posedge clk) begin
    if (run && !busy) kept <= value;
    if (run) left <= pending[DIGITS-1:1] & ~first[DIGITS-1:1];
  end
endmodule
