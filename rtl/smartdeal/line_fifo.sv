// FIFO of a PE line (SmartDeal paper, section V-B, Fig. 5): ROWS segments of DIM_F + MAX_S - 1 activations with what they
// are for. The segment in front moves towards the MACs (`shift`). Activations are recoded as they arrive: an entry
// holds the value and which of its radix-4 Booth digits are not zero. An item is announced first; its segment
// follows in beats of LANE_BYTES, in order of announcement.
module line_fifo #(
    parameter integer DIM_F = 4,
    parameter integer MAX_S = 7,
    parameter integer LANE_BYTES = 6,
    parameter integer PRECISION = 8,
    parameter integer ROWS = 2,
    parameter integer SHIFT_PLACES = 1,
    parameter integer ITEM_W = 8,
    parameter integer DIGITS = PRECISION / 2 + 1,
    parameter integer ENTRY_W = PRECISION + DIGITS,
    parameter integer ENTRIES = DIM_F + MAX_S - 1
) (
    input  logic                       clk,
    input  logic                       rst,
    input  logic                       cfg_signed,
    input  logic                       push,
    input  logic [ITEM_W-1:0]          item,
    input  logic                       data_valid,
    input  logic                       data_last,
    input  logic [LANE_BYTES*8-1:0]    data,
    input  logic [$clog2(SHIFT_PLACES+1)-1:0] shift,     // places, at most SHIFT_PLACES
    input  logic                       pop,
    output logic                       empty,
    output logic [ITEM_W-1:0]          front_item,
    output logic                       front_complete,
    output logic [ENTRIES*ENTRY_W-1:0] front_segment
);
  localparam integer BYTES = PRECISION / 8;
  localparam integer BEATS = (ENTRIES * BYTES + LANE_BYTES - 1) / LANE_BYTES;
  localparam integer BEAT_W = BEATS > 1 ? $clog2(BEATS) : 1;
  localparam integer SLOT_W = $clog2(ROWS);
  localparam integer LAST = ROWS - 1;

  logic [$clog2(ROWS+1)-1:0] count /*verilator public_flat_rd*/;
  logic [SLOT_W-1:0] front, back, arriving;
  logic [BEAT_W-1:0] beat;  // of the segment that arrives
  logic [ROWS-1:0] complete;
  logic [ROWS*ITEM_W-1:0] items;
  logic [ROWS*ENTRIES*ENTRY_W-1:0] segments;
  assign empty = count == '0;
  assign front_item = items[front*ITEM_W+:ITEM_W];
  assign front_complete = complete[front];
  assign front_segment = segments[front*ENTRIES*ENTRY_W+:ENTRIES*ENTRY_W];

  function automatic [SLOT_W-1:0] after(input [SLOT_W-1:0] slot);
    after = slot == LAST[SLOT_W-1:0] ? '0 : slot + 1'b1;
  endfunction
  // Which Booth digits of a value are not zero: b[2k+1] b[2k] b[2k-1] neither 000 nor 111.
  function automatic [DIGITS-1:0] recode(input [PRECISION-1:0] value, input sign);
    logic [PRECISION+2:0] bits;
    integer k;
    bits = {{2{sign && value[PRECISION-1]}}, value, 1'b0};
    for (k = 0; k < DIGITS; k = k + 1) recode[k] = bits[2*k+:3] != 3'b000 && bits[2*k+:3] != 3'b111;
  endfunction

  always_ff @(posedge clk) begin
    if (rst) begin
      count <= '0;
      front <= '0;
      back <= '0;
      arriving <= '0;
      beat <= '0;
      complete <= '0;
    end else begin
      if (push && !pop) count <= count + 1'b1;
      if (pop && !push) count <= count - 1'b1;
      if (push) back <= after(back);
      if (pop) begin
        front <= after(front);
        complete[front] <= 1'b0;
      end
      if (data_valid) beat <= data_last ? '0 : beat + 1'b1;
      if (data_valid && data_last) begin
        arriving <= after(arriving);
        complete[arriving] <= 1'b1;
      end
    end
  end

  genvar r, e, b;
  generate
    for (r = 0; r < ROWS; r = r + 1) begin : g_row
      logic [ENTRIES*ENTRY_W-1:0] segment, moved;
      integer p;
      always_comb begin
        moved = segment;
        for (p = 1; p <= SHIFT_PLACES; p = p + 1)
          if (shift == p[$clog2(SHIFT_PLACES+1)-1:0]) moved = segment >> (p * ENTRY_W);
      end
      for (e = 0; e < ENTRIES; e = e + 1) begin : g_entry
        // The beat of an entry's last byte completes it; an earlier byte may have come in the beat before.
        logic [PRECISION-1:0] value;
        logic [BYTES-1:0] here;
        for (b = 0; b < BYTES; b = b + 1) begin : g_byte
          localparam integer BEAT = (e * BYTES + b) / LANE_BYTES;
          assign here[b] = data_valid && arriving == r && beat == BEAT[BEAT_W-1:0];
          assign value[b*8+:8] = here[b] ? data[((e*BYTES+b)%LANE_BYTES)*8+:8] : segment[e*ENTRY_W+b*8+:8];
        end
        always_ff @(posedge clk) begin
          if (here != '0) segment[e*ENTRY_W+:ENTRY_W] <= {recode(value, cfg_signed), value};
          else if (shift != '0 && front == r) segment[e*ENTRY_W+:ENTRY_W] <= moved[e*ENTRY_W+:ENTRY_W];
        end
      end
      always_ff @(posedge clk) if (push && back == r) items[r*ITEM_W+:ITEM_W] <= item;
      assign segments[r*ENTRIES*ENTRY_W+:ENTRIES*ENTRY_W] = segment;
    end
  endgenerate
endmodule
