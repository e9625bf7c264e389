// Binary group indexer of the PE-wise ternary accelerator (docs/accelerators/pynq-z1-ternary.md, rule 2): for each PE it
// walks over the index bits of the PE's filters and offers the next group that is not all zero. Without cfg_skip a
// counter offers every group. The bits are read ahead: after the block RAM's latency at the start of a step they are there.
module group_indexer #(
    parameter integer PES = 2,
    parameter integer BITS = 2,         // index bits a PE examines in a cycle
    parameter integer POSITION_W = 3,
    parameter integer ROW_W = 5
) (
    input  logic                      clk,
    input  logic                      rst,
    input  logic                      cfg_skip,
    input  logic                      begin_step,
    input  logic [ROW_W-1:0]          rows,        // of the step, at least one
    input  logic [PES*POSITION_W-1:0] lengths,     // filters of each PE in a row; the first PE has one at least
    input  logic                      bits_valid,  // index_bits are there
    input  logic [PES*BITS-1:0]       index_bits,  // of each PE's filters position, position + 1, ... of row `row`
    input  logic                      taken,       // the offered set is taken in this cycle
    output logic [ROW_W-1:0]          row,
    output logic [PES*POSITION_W-1:0] position,
    output logic                      offers,
    output logic                      done,
    output logic                      new_row,     // the set is the first of its row
    output logic [PES-1:0]            set_valid,   // the PE has a group in the set
    output logic [PES*POSITION_W-1:0] set_filter   // which of the PE's filters
);
  logic [PES-1:0] settled /*verilator public_flat_rd*/;

  logic [PES-1:0] found, settles, at_end, nonempty;
  logic [PES*POSITION_W-1:0] found_filter, next_position, counted;
  genvar p;
  generate
    for (p = 0; p < PES; p = p + 1) begin : g_pe
      logic [POSITION_W-1:0] here, length, examined;
      logic [BITS-1:0] hits;
      logic searches;  // no group found yet, and there is a further bit
      integer k;
      assign here = position[p*POSITION_W+:POSITION_W];
      assign length = lengths[p*POSITION_W+:POSITION_W];
      assign at_end[p] = here == length;
      assign nonempty[p] = length != '0;
      always_comb begin
        examined = '0;
        searches = !settled[p] && !at_end[p];
        for (k = 0; k < BITS; k = k + 1) begin
          hits[k] = searches && index_bits[p*BITS+k];
          examined = examined + {{(POSITION_W - 1) {1'b0}}, searches};
          searches = searches && !hits[k] && here + examined != length;
        end
      end
      assign next_position[p*POSITION_W+:POSITION_W] = here + examined;
      assign found[p] = set_valid[p] || hits != '0;
      assign found_filter[p*POSITION_W+:POSITION_W] =
          hits != '0 ? here + examined - 1'b1 : set_filter[p*POSITION_W+:POSITION_W];
      assign settles[p] = settled[p] || !searches;
      assign counted[p*POSITION_W+:POSITION_W] = at_end[p] ? here : here + 1'b1;  // without the index
    end
  endgenerate

  logic row_ends, last_row, restart;
  assign row_ends = !done && (offers ? taken && (&at_end) : bits_valid && (&settles) && found == '0);
  assign last_row = row + 1'b1 == rows;
  assign restart = begin_step || (row_ends && !last_row);
  integer i;
  always_ff @(posedge clk) begin
    if (rst) begin
      done <= 1'b1;
      offers <= 1'b0;
      new_row <= 1'b0;
      row <= '0;
      position <= '0;
      settled <= '0;
      set_valid <= '0;
      set_filter <= '0;
    end else if (restart) begin
      done <= 1'b0;
      row <= begin_step ? '0 : row + 1'b1;
      new_row <= 1'b1;
      settled <= '0;
      offers <= !cfg_skip;
      set_valid <= cfg_skip ? '0 : nonempty;
      set_filter <= '0;
      for (i = 0; i < PES; i = i + 1)
        position[i*POSITION_W+:POSITION_W] <= {{(POSITION_W - 1) {1'b0}}, !cfg_skip && nonempty[i]};
    end else if (row_ends) begin
      done <= 1'b1;
      offers <= 1'b0;
    end else if (!done && offers && taken) begin
      new_row <= 1'b0;
      settled <= '0;
      offers <= !cfg_skip;
      set_valid <= cfg_skip ? '0 : ~at_end;
      set_filter <= position;
      if (!cfg_skip) position <= counted;
    end else if (!done && !offers && bits_valid) begin
      position <= next_position;
      settled <= settles;
      set_valid <= found;
      set_filter <= found_filter;
      offers <= &settles;
    end
  end
endmodule
