// Booth-recoded bit-serial multiply-accumulate unit (SmartDeal paper, section V-B; rules 22 and 23 of the model).
// A multiplication takes max(1, non-zero radix-4 Booth digits of the activation) cycles of `run`: each adds one
// signed, shifted copy of the weight. The unit that is done first waits for the others of its line (`advance`).
module booth_mac #(
    parameter integer WEIGHT_W = 18,
    parameter integer SUM_W = 32
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       run,      // the line works on a tap in this cycle
    input  logic                       enable,   // this MAC has an output column in the tile
    input  logic                       advance,  // with run: all MACs of the line end the tap in this cycle
    input  logic                       clear,    // hand-over: the sum begins anew; never together with run
    input  logic signed [8:0]          value,    // activation, 8 bits signed or unsigned; the same during a tap
    input  logic signed [WEIGHT_W-1:0] weight,
    output logic                       tap_done, // this MAC has finished the tap at the end of the cycle
    output logic signed [SUM_W-1:0]    sum
);
  logic       busy /*verilator public_flat_rd*/;        // within a tap
  logic       waiting /*verilator public_flat_rd*/;     // finished the tap before the others
  logic [2:0] next_digit /*verilator public_flat_rd*/;  // with busy: first digit not yet looked at

  // b[2k+1] b[2k] b[2k-1] of digit k are bits 2k+2 .. 2k here.
  logic [10:0] bits;
  assign bits = {value[8], value, 1'b0};

  logic [4:0] pending, above, two, negative;
  integer k;
  always_comb begin
    for (k = 0; k < 5; k = k + 1) begin
      above[k]    = !busy || k[2:0] >= next_digit;
      pending[k]  = above[k] && bits[2*k+:3] != 3'b000 && bits[2*k+:3] != 3'b111;
      two[k]      = bits[2*k+:3] == 3'b011 || bits[2*k+:3] == 3'b100;
      negative[k] = bits[2*k+2];
    end
  end

  logic [4:0] first;  // one-hot: the digit of this cycle
  logic [2:0] position;
  logic       last, add;
  assign first = pending & (~pending + 5'd1);
  assign last  = (pending & ~first) == 5'd0;
  assign add   = run && enable && !waiting && pending != 5'd0;
  always_comb begin
    case (first)
      5'b00010: position = 3'd1;
      5'b00100: position = 3'd2;
      5'b01000: position = 3'd3;
      5'b10000: position = 3'd4;
      default:  position = 3'd0;
    endcase
  end

  logic signed [WEIGHT_W+1:0] multiple;  // digit x weight
  logic signed [SUM_W-1:0]    extended, term;
  always_comb begin
    multiple = (two & first) != 5'd0 ? {weight[WEIGHT_W-1], weight, 1'b0} : {{2{weight[WEIGHT_W-1]}}, weight};
    if ((negative & first) != 5'd0) multiple = -multiple;
    extended = {{(SUM_W - WEIGHT_W - 2) {multiple[WEIGHT_W+1]}}, multiple};
    term = extended << {position, 1'b0};
  end

  assign tap_done = !enable || waiting || last;

  always_ff @(posedge clk) begin
    if (rst) begin
      busy       <= 1'b0;
      waiting    <= 1'b0;
      next_digit <= 3'd0;
      sum        <= '0;
    end else begin
      if (clear) sum <= '0;
      else if (add) sum <= sum + term;
      if (run && advance) begin
        busy    <= 1'b0;
        waiting <= 1'b0;
      end else if (run && enable && !waiting) begin
        busy       <= !last;
        waiting    <= last;
        next_digit <= position + 3'd1;
      end
    end
  end
endmodule
