// Decoder of canonical Huffman codes for the non-zero coefficients (SmartDeal paper, appendix B): one symbol a cycle.
// Codewords come first bit first; of each length they are consecutive numbers, so a codeword of length k is one when
// its value is below the first value past those of length k.
module huffman_decoder #(
    parameter integer SYMBOLS = 16,
    parameter integer MAX_LENGTH = 15,
    parameter integer REFILL = 16        // bits that may arrive in a cycle
) (
    input  logic                          clk,
    input  logic                          rst,
    // The code, constant while decoding: of each length k = 1 .. MAX_LENGTH, at index k - 1.
    input  logic [MAX_LENGTH*16-1:0]      cfg_limit,    // first codeword value past those of length k (0: none)
    input  logic [MAX_LENGTH*$clog2(SYMBOLS)-1:0] cfg_offset,   // place of its first codeword in cfg_symbols - that codeword's value
    input  logic [SYMBOLS*8-1:0]          cfg_symbols,  // in canonical order
    input  logic                          in_valid,
    output logic                          in_ready,
    input  logic [REFILL-1:0]             in_bits,      // first bit lowest
    output logic                          out_valid,
    input  logic                          out_ready,
    output logic [7:0]                    out_symbol
);
  localparam integer WIDTH = MAX_LENGTH + REFILL;
  localparam integer COUNT_W = $clog2(WIDTH + 1);
  localparam integer PLACE_W = $clog2(SYMBOLS);

  logic [WIDTH-1:0] buffer /*verilator public_flat_rd*/;  // next bit lowest
  logic [COUNT_W-1:0] count /*verilator public_flat_rd*/;

  // Value of the first k bits, for every k at once; the shortest that is a codeword wins.
  logic [15:0] value;
  logic [PLACE_W-1:0] place;
  logic [COUNT_W-1:0] length;
  integer k;
  always_comb begin
    value  = 16'd0;
    place  = '0;
    length = '0;
    for (k = 0; k < MAX_LENGTH; k = k + 1) begin
      value = {value[14:0], buffer[k]};
      if (length == '0 && value < cfg_limit[k*16+:16]) begin
        length = k[COUNT_W-1:0] + 1'b1;
        place  = value[PLACE_W-1:0] + cfg_offset[k*PLACE_W+:PLACE_W];
      end
    end
  end
  assign out_valid = length != '0 && length <= count;
  integer s;
  always_comb begin
    out_symbol = 8'd0;
    for (s = 0; s < SYMBOLS; s = s + 1)
      if (place == s[PLACE_W-1:0]) out_symbol = cfg_symbols[s*8+:8];
  end

  logic [COUNT_W-1:0] used, kept;
  logic [WIDTH-1:0] rest;  // beyond the bits held: zeros
  assign used = out_valid && out_ready ? length : '0;
  assign kept = count - used;
  assign rest = buffer >> used;
  assign in_ready = count <= MAX_LENGTH[COUNT_W-1:0];

  always_ff @(posedge clk) begin
    if (rst) begin
      count  <= '0;
      buffer <= '0;
    end else begin
      count  <= in_valid && in_ready ? kept + REFILL[COUNT_W-1:0] : kept;
      buffer <= in_valid && in_ready ? rest | ({{(WIDTH-REFILL){1'b0}}, in_bits} << kept) : rest;
    end
  end
endmodule
