// PE line (SmartDeal paper, section V-B, Fig. 4b and 5): FIFO with a shift path, weight side with two rebuild engines,
// DIM_F bit-serial MACs. Rules 9 to 23 of docs/accelerators/smartdeal.md; docs/rtl/pe_line.md has ports and parameters.
//
// LEAD is pe.mac_sync: 0 `weight`: all MACs take a weight together and the segment shifts past them; otherwise a MAC may be
// LEAD weights ahead of the slowest (`lead`; MAX_S - 1 is `row`) and chooses among the entries.
module pe_line #(
    parameter integer DIM_F = 4,
    parameter integer MAX_S = 7,
    parameter integer LANE_BYTES = 6,
    parameter integer PRECISION = 8,
    parameter integer FIFO_ROWS = 2,
    parameter integer SHIFT_PLACES = 1,
    parameter integer LEAD = 0,
    parameter integer CLUSTERS = 2,
    parameter integer LATCHES = 2,
    parameter integer ENGINES = 2,
    parameter integer TERMS = 1,
    parameter integer READ_LATENCY = 1,
    parameter integer RELEASE_LATENCY = 1,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18,
    parameter integer SUM_W = 32,
    parameter integer TILE_W = 9,
    parameter integer REGION_W = 8,
    parameter integer WIDTH_W = $clog2(DIM_F + 1),
    parameter integer FILTERS_W = $clog2(CLUSTERS + 1)
) (
    input  logic                    clk,
    input  logic                    rst,
    // The layer.
    input  logic [2:0]              cfg_n,              // weights of a row
    input  logic                    cfg_compressed,     // coefficients and bases; otherwise original weights
    input  logic                    cfg_clustered,      // CLUSTERS filters at once, one output column
    input  logic                    cfg_signed,         // activations
    input  logic [1:0]              cfg_exponent_bits,  // of a coefficient's code
    input  logic [7*SHIFT_W-1:0]    cfg_shifts,         // P[e] - P[0] by exponent code e, 1 to 7
    input  logic [2:0]              cfg_row_beats,      // port cycles of a filter's row, of a basis
    input  logic [4:0]              cfg_basis_beats,
    input  logic [2:0]              cfg_column_step,    // between the taps of an item: kernel columns,
    input  logic [2:0]              cfg_place_step,     // and places in the segment
    // From the lane; used from the next cycle on. The segment follows its item in beats.
    input  logic                    item_valid,
    input  logic                    item_new_row,
    input  logic [TILE_W-1:0]       item_tile,
    input  logic [REGION_W-1:0]     item_region,
    input  logic [2:0]              item_taps,
    input  logic [2:0]              item_column,        // weight of the first tap
    input  logic [WIDTH_W-1:0]      item_width,         // columns of the tile
    input  logic [CLUSTERS-1:0]     item_filters,       // those for which the row is not zero
    input  logic                    data_valid,
    input  logic                    data_last,
    input  logic [LANE_BYTES*8-1:0] data,
    input  logic                    request_valid,      // the lane wants this region's basis
    input  logic                    request_new_weights,
    input  logic [REGION_W-1:0]     request_region,
    input  logic [REGION_W-1:0]     request_last,       // last region of the weights
    input  logic [FILTERS_W-1:0]    request_filters,    // filters of the line
    input  logic                    enter_valid,        // the multicast entered this region
    input  logic [REGION_W-1:0]     enter_region,
    // From the slice.
    input  logic [TILE_W-1:0]       tile,               // in work
    input  logic                    take,               // the slice takes the sums
    // Weight buffer: data READ_LATENCY cycles after the read.
    output logic                    row_read,
    output logic                    basis_read,
    input  logic [2*PRECISION-1:0]  weight_data,
    // Status.
    output logic                    finished,           // no item of `tile` is waiting or in work
    output logic                    completing,         // an item ends in this cycle
    output logic                    working,            // an item is in work in this cycle
    output logic [REGION_W-1:0]     loaded_region,
    output logic                    basis_idle,
    output logic [DIM_F*SUM_W-1:0]  sums
);
  localparam integer DIGITS = PRECISION / 2 + 1;
  localparam integer ENTRY_W = PRECISION + DIGITS;
  localparam integer ENTRIES = DIM_F + MAX_S - 1;
  localparam integer ITEM_W = CLUSTERS + WIDTH_W + 7 + REGION_W + TILE_W;
  localparam integer PER_CLUSTER = DIM_F / CLUSTERS;
  localparam integer PLACE_W = $clog2(SHIFT_PLACES + 1);
  localparam integer ENGINE_W = ENGINES > 1 ? $clog2(ENGINES) : 1;

  logic front_complete, front_new_row;
  logic empty;
  logic [TILE_W-1:0] front_tile /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] front_region /*verilator public_flat_rd*/;
  logic [2:0] front_taps, front_column;
  logic [WIDTH_W-1:0] front_width;
  logic [CLUSTERS-1:0] front_filters;
  logic [ENTRIES*ENTRY_W-1:0] segment /*verilator public_flat_rd*/;
  logic front_segment_complete /*verilator public_flat_rd*/;
  assign front_segment_complete = front_complete;
  logic [PLACE_W-1:0] shift;
  line_fifo #(
      .DIM_F(DIM_F), .MAX_S(MAX_S), .LANE_BYTES(LANE_BYTES), .PRECISION(PRECISION), .ROWS(FIFO_ROWS),
      .SHIFT_PLACES(SHIFT_PLACES), .ITEM_W(ITEM_W)
  ) fifo (
      .clk(clk), .rst(rst), .cfg_signed(cfg_signed), .push(item_valid),
      .item({item_filters, item_width, item_column, item_taps, item_region, item_tile, item_new_row}),
      .data_valid(data_valid), .data_last(data_last), .data(data), .shift(shift), .pop(completing), .empty(empty),
      .front_item({front_filters, front_width, front_column, front_taps, front_region, front_tile, front_new_row}),
      .front_complete(front_complete), .front_segment(segment)
  );
  assign finished = empty || front_tile != tile;

  logic active /*verilator public_flat_rd*/;  // an item is in work
  logic start, next_row, ready;
  logic [CLUSTERS*MAX_S*WEIGHT_W-1:0] weights;
  assign next_row = front_new_row && !active;
  assign start = !active && !empty && front_tile == tile && front_complete && ready;
  assign working = active || start;
  line_weights #(
      .MAX_S(MAX_S), .PRECISION(PRECISION), .FIFO_ROWS(FIFO_ROWS), .LATCHES(LATCHES), .ENGINES(ENGINES),
      .CLUSTERS(CLUSTERS), .TERMS(TERMS), .READ_LATENCY(READ_LATENCY), .RELEASE_LATENCY(RELEASE_LATENCY),
      .SHIFT_W(SHIFT_W), .WEIGHT_W(WEIGHT_W), .REGION_W(REGION_W)
  ) weight_side (
      .clk(clk), .rst(rst), .cfg_n(cfg_n), .cfg_compressed(cfg_compressed), .cfg_clustered(cfg_clustered),
      .cfg_exponent_bits(cfg_exponent_bits), .cfg_shifts(cfg_shifts), .cfg_row_beats(cfg_row_beats),
      .cfg_basis_beats(cfg_basis_beats), .row_valid(item_valid && item_new_row), .row_region(item_region[ENGINE_W-1:0]),
      .row_filters(item_filters), .request_valid(request_valid), .request_new_weights(request_new_weights),
      .request_region(request_region), .request_last(request_last), .request_filters(request_filters),
      .enter_valid(enter_valid), .enter_region(enter_region), .line_empty(empty), .front_region(front_region),
      .next_row(next_row), .start(start), .ready(ready), .weights(weights), .row_read(row_read),
      .basis_read(basis_read), .weight_data(weight_data), .loaded_region(loaded_region), .basis_idle(basis_idle)
  );

  // ---- MACs. What each works on: `run`, tap, entry of the segment, column of the row.
  logic [DIM_F-1:0] enable, run, end_tap, tap_done;
  logic [DIM_F*3-1:0] column;
  logic [DIM_F*ENTRY_W-1:0] entries;
  genvar f;
  generate
    for (f = 0; f < DIM_F; f = f + 1) begin : g_mac
      localparam integer OWN = f / PER_CLUSTER;  // its cluster, and number there
      localparam integer FROM = OWN < CLUSTERS ? OWN : 0;
      localparam integer LOCAL = f % PER_CLUSTER;
      assign enable[f] = cfg_clustered ? OWN < CLUSTERS && LOCAL[WIDTH_W-1:0] < front_width && front_filters[FROM]
                                       : f[WIDTH_W-1:0] < front_width;
      logic [MAX_S*WEIGHT_W-1:0] row;
      logic [WEIGHT_W-1:0] weight;
      logic [ENTRY_W-1:0] entry;
      assign entry = entries[f*ENTRY_W+:ENTRY_W];
      assign row = cfg_clustered ? weights[FROM*MAX_S*WEIGHT_W+:MAX_S*WEIGHT_W] : weights[0+:MAX_S*WEIGHT_W];
      integer i;
      always_comb begin
        weight = '0;
        for (i = 0; i < MAX_S; i = i + 1) if (column[f*3+:3] == i[2:0]) weight = row[i*WEIGHT_W+:WEIGHT_W];
      end
      booth_mac #(
          .PRECISION(PRECISION), .WEIGHT_W(WEIGHT_W), .SUM_W(SUM_W)
      ) mac (
          .clk(clk), .rst(rst), .run(run[f]), .enable(enable[f]), .advance(end_tap[f]), .clear(take),
          .value(entry[PRECISION-1:0]), .digits(entry[PRECISION+:DIGITS]), .weight(weight), .tap_done(tap_done[f]), .sum(sums[f*SUM_W+:SUM_W])
      );
    end
  endgenerate

  generate
    if (LEAD == 0) begin : g_sync
      // Together: a tap begins when the segment stands where it must; it moves on as soon as the operands are taken.
      logic [2:0] tap /*verilator public_flat_rd*/, offset, to_go, moving;
      logic in_tap, begins, advance, last_tap;
      assign begins = working && !in_tap && to_go == 3'd0;
      assign last_tap = tap + 3'd1 == front_taps;
      assign advance = (begins || in_tap) && (&tap_done);
      assign completing = advance && last_tap;
      assign run = {DIM_F{begins || in_tap}};
      assign end_tap = {DIM_F{advance}};
      for (f = 0; f < DIM_F; f = f + 1) begin : g_entry
        assign entries[f*ENTRY_W+:ENTRY_W] = segment[(cfg_clustered?f%PER_CLUSTER:f)*ENTRY_W+:ENTRY_W];
      end
      assign column = {DIM_F{front_column + offset}};
      assign moving = begins && !last_tap ? cfg_place_step : to_go;
      assign shift = PLACE_W'(moving < SHIFT_PLACES[2:0] ? moving : SHIFT_PLACES[2:0]);
      always_ff @(posedge clk) begin
        if (rst) begin
          in_tap <= 1'b0;
          tap <= 3'd0;
          offset <= 3'd0;
          to_go <= 3'd0;
        end else begin
          in_tap <= (begins || in_tap) && !advance;
          to_go <= moving - 3'(shift);
          if (advance) begin
            tap <= last_tap ? 3'd0 : tap + 3'd1;
            offset <= last_tap ? 3'd0 : offset + cfg_column_step;
          end
        end
      end
    end else begin : g_lead
      // Each for itself, within its lead.
      logic [DIM_F*3-1:0] taps, offsets, places;
      logic [DIM_F-1:0] ends;  // no tap is left after this cycle
      logic [2:0] tap /*verilator public_flat_rd*/;  // of the slowest
      integer m;
      always_comb begin
        tap = front_taps;
        for (m = 0; m < DIM_F; m = m + 1) if (enable[m] && taps[m*3+:3] < tap) tap = taps[m*3+:3];
      end
      assign completing = working && (&ends);
      assign shift = '0;
      for (f = 0; f < DIM_F; f = f + 1) begin : g_own
        assign run[f] = working && enable[f] && taps[f*3+:3] != front_taps &&
                        {1'b0, taps[f*3+:3]} <= {1'b0, tap} + LEAD[3:0];
        assign end_tap[f] = run[f] && tap_done[f];
        assign ends[f] = !enable[f] || taps[f*3+:3] + {2'b00, end_tap[f]} == front_taps;
        assign column[f*3+:3] = front_column + offsets[f*3+:3];
        logic [ENTRY_W-1:0] chosen;
        integer p;
        always_comb begin
          chosen = '0;
          for (p = 0; p < MAX_S; p = p + 1)
            if (places[f*3+:3] == p[2:0]) chosen = segment[((cfg_clustered?f%PER_CLUSTER:f)+p)*ENTRY_W+:ENTRY_W];
        end
        assign entries[f*ENTRY_W+:ENTRY_W] = chosen;
        always_ff @(posedge clk) begin
          if (rst || completing) begin
            taps[f*3+:3] <= 3'd0;
            offsets[f*3+:3] <= 3'd0;
            places[f*3+:3] <= 3'd0;
          end else if (end_tap[f]) begin
            taps[f*3+:3] <= taps[f*3+:3] + 3'd1;
            offsets[f*3+:3] <= offsets[f*3+:3] + cfg_column_step;
            places[f*3+:3] <= places[f*3+:3] + cfg_place_step;
          end
        end
      end
    end
  endgenerate

  always_ff @(posedge clk) begin
    if (rst) active <= 1'b0;
    else active <= working && !completing;
  end
endmodule
