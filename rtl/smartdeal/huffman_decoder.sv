// Decoder of canonical Huffman codes for the non-zero coefficients (SmartDeal paper, appendix B): one symbol a cycle, from
// the cycle after a filter's first bits (docs/decoders.md). Codewords come first bit first; of each length they are
// consecutive numbers, so the first k bits are a codeword when their value is below the first value past those of length k.
module huffman_decoder #(
    parameter integer SYMBOLS = 16,
    parameter integer MAX_LENGTH = 15,
    parameter integer REFILL = 16        // bits that may arrive in a cycle; more than MAX_LENGTH
) (
    input  logic                       clk,
    input  logic                       rst,
    // The layer's code table, an entry a cycle: number e has length e + 1 and symbol e in canonical order.
    input  logic                       table_valid,
    input  logic [$clog2(SYMBOLS)-1:0] table_entry,
    input  logic [MAX_LENGTH:0]        table_limit,   // first codeword value past those of the length (0: none)
    input  logic [$clog2(SYMBOLS)-1:0] table_offset,  // place of its first symbol - that one's codeword value
    input  logic [$clog2(SYMBOLS)-1:0] table_symbol,
    // Codes.
    input  logic                       in_valid,
    input  logic                       in_first,      // of a filter: what is left of the one before is dropped
    output logic                       in_ready,
    input  logic [REFILL-1:0]          in_bits,       // first bit lowest
    output logic                       out_valid,
    input  logic                       out_ready,
    output logic [$clog2(SYMBOLS)-1:0] out_symbol
);
  localparam integer WIDTH = MAX_LENGTH + REFILL;
  localparam integer COUNT_W = $clog2(WIDTH + 1);
  localparam integer LENGTH_W = $clog2(MAX_LENGTH + 1);
  localparam integer PLACE_W = $clog2(SYMBOLS);

  logic [WIDTH-1:0] buffer;  // next bit lowest
  logic [COUNT_W-1:0] count /*verilator public_flat_rd*/;

  // The first k bits, for every k at once; the shortest that are a codeword win.
  logic [MAX_LENGTH-1:0] is_code;
  logic [MAX_LENGTH*PLACE_W-1:0] places;
  genvar k, i;
  generate
    for (k = 1; k <= MAX_LENGTH; k = k + 1) begin : g_length
      logic [k:0] limit;
      logic [PLACE_W-1:0] offset;
      logic [k-1:0] value;
      for (i = 0; i < k; i = i + 1) begin : g_bit
        assign value[k-1-i] = buffer[i];
      end
      assign is_code[k-1] = {1'b0, value} < limit;
      if (k >= PLACE_W) begin : g_whole
        assign places[(k-1)*PLACE_W+:PLACE_W] = value[PLACE_W-1:0] + offset;
      end else begin : g_part
        assign places[(k-1)*PLACE_W+:PLACE_W] = {{(PLACE_W-k){1'b0}}, value} + offset;
      end
      always_ff @(posedge clk) begin
        if (table_valid && table_entry == k[PLACE_W-1:0] - 1'b1) begin
          limit <= table_limit[k:0];
          offset <= table_offset;
        end
      end
    end
  endgenerate

  logic [PLACE_W-1:0] place;
  logic [LENGTH_W-1:0] length;
  integer l;
  always_comb begin
    place  = '0;
    length = '0;
    for (l = 0; l < MAX_LENGTH; l = l + 1) begin
      if (length == '0 && is_code[l]) begin
        length = l[LENGTH_W-1:0] + 1'b1;
        place  = places[l*PLACE_W+:PLACE_W];
      end
    end
  end
  assign out_valid = length != '0 && {{(COUNT_W-LENGTH_W){1'b0}}, length} <= count;

  logic [SYMBOLS*PLACE_W-1:0] symbols;  // in canonical order
  integer s;
  always_ff @(posedge clk) begin
    for (s = 0; s < SYMBOLS; s = s + 1)
      if (table_valid && table_entry == s[PLACE_W-1:0]) symbols[s*PLACE_W+:PLACE_W] <= table_symbol;
  end
  assign out_symbol = symbols[place*PLACE_W+:PLACE_W];

  logic [LENGTH_W-1:0] used;
  logic [COUNT_W-1:0] kept;
  logic [WIDTH-1:0] rest;  // beyond the bits held: zeros
  logic fill;
  assign used = out_valid && out_ready ? length : '0;
  assign kept = in_first ? '0 : count - {{(COUNT_W-LENGTH_W){1'b0}}, used};
  assign rest = in_first ? '0 : buffer >> used;
  assign in_ready = kept <= MAX_LENGTH[COUNT_W-1:0];  // with what this cycle takes: 16 bits follow even a code of 15
  assign fill = in_valid && in_ready;

  always_ff @(posedge clk) begin
    if (rst) begin
      count  <= '0;
      buffer <= '0;
    end else begin
      count  <= fill ? kept + REFILL[COUNT_W-1:0] : kept;
      buffer <= fill ? rest | ({{(WIDTH-REFILL){1'b0}}, in_bits} << kept) : rest;
    end
  end
endmodule
