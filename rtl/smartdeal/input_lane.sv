// Port of one lane of the input buffer (SmartDeal paper, section V-B; rules 7 and 8 of docs/accelerators/smartdeal.md): grants
// the selected pair, reads its row segment from the lane's banks and sends it to the lines, LANE_BYTES activations a beat.
// A row's words lie in the banks in turn, so that neighbouring words come in one access. The banks are synchronous SRAMs: data
// comes in the cycle after the address; the aligner's register follows; then the wires to the lines.
//
// Places are bytes from the start of the row's first word; the row's columns are at row_begin <= place < row_end, and
// what lies outside is zero (padding).
module input_lane #(
    parameter integer LANE_BYTES = 6,
    parameter integer BANKS = 2,        // of the lane
    parameter integer WORD = 4,         // bytes; a power of two, as is BANKS
    parameter integer SLICES = 2,
    parameter integer PLACE_W = 5,
    parameter integer PADDING_W = 2,    // of the columns left of a row
    parameter integer ENTRY_W = 4,      // of the activations of a segment
    parameter integer ADDRESS_W = 9
) (
    input  logic                       clk,
    input  logic                       rst,
    // The selected pair.
    input  logic                       selected,
    input  logic                       basis_ready,  // in every slice that it concerns
    input  logic [SLICES-1:0]          needed,       // by slice: its coefficient row is not zero
    input  logic [SLICES-1:0]          room,         // in the line's FIFO
    input  logic [ADDRESS_W-1:0]       row_address,  // of the row's first word
    input  logic [PLACE_W-1:0]         first_place,  // of the segment's first activation
    input  logic [ENTRY_W-1:0]         entries,      // activations
    input  logic [1:0]                 stride,       // places from one to the next
    input  logic [PADDING_W-1:0]       row_begin,
    input  logic [PLACE_W-1:0]         row_end,
    output logic                       grant,
    output logic                       busy,         // reads go on after the cycle of the grant
    // Banks.
    output logic [BANKS-1:0]           bank_read,
    output logic [BANKS*ADDRESS_W-1:0] bank_address,
    input  logic [BANKS*WORD*8-1:0]    bank_data,    // a cycle after the address
    // To the lines.
    output logic                       data_valid,
    output logic                       data_last,    // beat of the segment
    output logic [LANE_BYTES*8-1:0]    data
);
  localparam integer BYTE_W = $clog2(WORD);
  localparam integer WORD_W = PLACE_W - BYTE_W;
  localparam integer BANK_W = $clog2(BANKS);

  // ---- The beat whose words are read: from the request in the cycle of the grant, then from registers.
  logic [PLACE_W-1:0] later_place;
  logic [ENTRY_W-1:0] later_left;
  logic later_access;  // not the first of the beat
  logic [WORD_W-1:0] later_word;
  logic [ADDRESS_W-1:0] held_address;
  logic [1:0] held_stride;
  logic [PADDING_W-1:0] held_begin, from;
  logic [PLACE_W-1:0] held_end;

  logic reads, last_beat, last_access;
  logic [PLACE_W-1:0] place, to;
  logic [ENTRY_W-1:0] left;
  logic [1:0] step;
  logic [ADDRESS_W-1:0] address;
  assign grant = selected && !busy && basis_ready && (needed & ~room) == '0;
  assign reads = grant || busy;
  assign place = busy ? later_place : first_place;
  assign left = busy ? later_left : entries;
  assign step = busy ? held_stride : stride;
  assign address = busy ? held_address : row_address;
  assign from = busy ? held_begin : row_begin;
  assign to = busy ? held_end : row_end;
  assign last_beat = left <= LANE_BYTES[ENTRY_W-1:0];

  // ---- The words of the beat, and those of this access.
  logic [LANE_BYTES-1:0] in_row, taken;
  logic [LANE_BYTES*PLACE_W-1:0] places;
  logic any;
  logic [WORD_W-1:0] first_word, last_word, word, words_left;
  logic [PLACE_W-1:0] next_place;
  integer e;
  always_comb begin
    any = 1'b0;
    first_word = '0;
    last_word = '0;
    next_place = place;
    for (e = 0; e < LANE_BYTES; e = e + 1) begin
      places[e*PLACE_W+:PLACE_W] = next_place;
      in_row[e] = e[ENTRY_W-1:0] < left && next_place >= {{(PLACE_W-PADDING_W){1'b0}}, from} && next_place < to;
      if (in_row[e]) begin
        first_word = any ? first_word : next_place[PLACE_W-1:BYTE_W];
        last_word = next_place[PLACE_W-1:BYTE_W];
        any = 1'b1;
      end
      next_place = next_place + {{(PLACE_W-2){1'b0}}, step};
    end
  end
  assign word = later_access ? later_word : first_word;
  assign words_left = last_word - word;  // after the first
  assign last_access = words_left < BANKS[WORD_W-1:0];

  genvar b, g;
  generate
    for (g = 0; g < LANE_BYTES; g = g + 1) begin : g_taken
      assign taken[g] = in_row[g] && places[g*PLACE_W+BYTE_W+:WORD_W] - word < BANKS[WORD_W-1:0];
    end
    for (b = 0; b < BANKS; b = b + 1) begin : g_bank
      logic [BANK_W-1:0] after;  // `word` by how many words is this bank's
      logic [ADDRESS_W-1:0] row_of_banks;
      assign row_of_banks = address + {{(ADDRESS_W-WORD_W+BANK_W){1'b0}}, word[WORD_W-1:BANK_W]};
      assign after = b[BANK_W-1:0] - word[BANK_W-1:0];
      assign bank_read[b] = reads && any && {{(WORD_W-BANK_W){1'b0}}, after} <= words_left;
      if (b == BANKS - 1) begin : g_last
        assign bank_address[b*ADDRESS_W+:ADDRESS_W] = row_of_banks;
      end else begin : g_other  // banks before that of `word` have theirs a row further
        assign bank_address[b*ADDRESS_W+:ADDRESS_W] =
            row_of_banks + {{(ADDRESS_W-1){1'b0}}, word[BANK_W-1:0] > b[BANK_W-1:0]};
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (rst) begin
      busy <= 1'b0;
      later_access <= 1'b0;
    end else if (reads) begin
      busy <= !(last_access && last_beat);
      later_access <= !last_access;
    end
    if (reads) begin
      later_place <= last_access ? next_place : place;
      later_left <= last_access ? left - LANE_BYTES[ENTRY_W-1:0] : left;
      later_word <= word + BANKS[WORD_W-1:0];
    end
    if (grant) {held_address, held_stride, held_begin, held_end} <= {row_address, stride, row_begin, row_end};
  end

  // ---- The words are at the memories' outputs: aligner, and the register to the wires.
  logic came, came_anew, came_last, came_last_beat;
  logic [LANE_BYTES-1:0] came_taken;
  logic [LANE_BYTES*(BANK_W+BYTE_W)-1:0] came_from;  // bank and byte of each
  integer a;
  always_ff @(posedge clk) begin
    came <= reads && !rst;
    came_anew <= !later_access;
    came_last <= last_access;
    came_last_beat <= last_beat;
    came_taken <= taken;
    data_valid <= came && came_last;
    data_last <= came_last_beat;
    for (a = 0; a < LANE_BYTES; a = a + 1) begin
      came_from[a*(BANK_W+BYTE_W)+:BANK_W+BYTE_W] <= places[a*PLACE_W+:BANK_W+BYTE_W];
      if (came && came_taken[a]) data[a*8+:8] <= bank_data[came_from[a*(BANK_W+BYTE_W)+:BANK_W+BYTE_W]*8+:8];
      else if (came && came_anew) data[a*8+:8] <= 8'd0;
    end
  end
endmodule
