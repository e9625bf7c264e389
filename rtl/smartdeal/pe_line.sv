// PE line (SmartDeal paper, section V-B, Fig. 4b and 5): double-buffered FIFO of DIM_F + MAX_S - 1 activations with a shift
// path, two rebuild engines behind a weight port shared by coefficient rows, basis words and original weights (MUX1),
// two weight-row latches, DIM_F bit-serial MACs that start every weight together.
// Rules 9 to 23 of docs/accelerators/smartdeal.md with their defaults: pe.fifo_rows 2, re.row_latches 2, re.count 2,
// re.terms_per_cycle 1, pe.mac_sync weight. Not here: MAC clusters, dilated kernels (docs/rtl.md).
//
// Regions (stretches of rows of one basis) are numbered from 1; 0 is "none".
module pe_line #(
    parameter integer DIM_F = 4,
    parameter integer MAX_S = 7,
    parameter integer LANE_BYTES = 6,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18,
    parameter integer SUM_W = 32,
    parameter integer TILE_W = 16,
    parameter integer REGION_W = 16
) (
    input  logic                    clk,
    input  logic                    rst,
    // The layer.
    input  logic [2:0]              cfg_n,              // weights of a row
    input  logic                    cfg_compressed,     // coefficients and bases; otherwise original weights
    input  logic                    cfg_signed,         // activations
    input  logic [1:0]              cfg_exponent_bits,  // of a coefficient's code
    input  logic [8*SHIFT_W-1:0]    cfg_shifts,         // P[e] - P[0] by exponent code e
    input  logic [2:0]              cfg_row_beats,      // port cycles of a row, of a basis
    input  logic [4:0]              cfg_basis_beats,
    input  logic [2:0]              cfg_column_step,    // between the taps of an item
    // From the lane; used from the next cycle on.
    input  logic                    item_valid,
    input  logic                    item_new_row,
    input  logic [TILE_W-1:0]       item_tile,
    input  logic [REGION_W-1:0]     item_region,
    input  logic [2:0]              item_taps,
    input  logic [2:0]              item_column,        // weight of the first tap
    input  logic [3:0]              item_width,         // columns of the tile
    input  logic                    data_valid,         // a beat of the item's segment
    input  logic                    data_first,
    input  logic                    data_last,
    input  logic [LANE_BYTES*8-1:0] data,
    input  logic                    request_valid,      // the lane wants this region's basis
    input  logic                    request_new_weights,
    input  logic [REGION_W-1:0]     request_region,
    input  logic [REGION_W-1:0]     request_last,       // last region of the weights
    input  logic                    enter_valid,        // the multicast entered this region
    input  logic [REGION_W-1:0]     enter_region,
    // From the slice.
    input  logic [TILE_W-1:0]       tile,               // in work
    input  logic                    gate_open,
    input  logic                    take,               // the slice takes the sums
    // Weight buffer: data comes in the cycle of the read.
    output logic                    row_read,
    output logic                    basis_read,
    input  logic [15:0]             weight_data,
    // Status.
    output logic                    finished,           // no item of `tile` is waiting or in work
    output logic                    completing,         // an item ends in this cycle
    output logic                    working,            // the MACs work in this cycle
    output logic [REGION_W-1:0]     loaded_region,
    output logic                    basis_idle,
    output logic [DIM_F*SUM_W-1:0]  sums
);
  localparam integer ENTRIES = DIM_F + MAX_S - 1;
  localparam integer BEATS = (ENTRIES + LANE_BYTES - 1) / LANE_BYTES;
  localparam integer STORED = BEATS * LANE_BYTES;
  localparam integer FIELD_W = 5;  // mask, sign, up to three bits of exponent code
  localparam integer CODE_BITS = MAX_S * FIELD_W;

  // ---- FIFO: two segments with what they are for. The front one shifts by one activation a tap.
  logic [1:0] fifo_count /*verilator public_flat_rd*/;
  logic       front /*verilator public_flat_rd*/;
  logic [1:0] complete /*verilator public_flat_rd*/, new_row;  // by segment
  logic [STORED*8-1:0] segment0 /*verilator public_flat_rd*/, segment1 /*verilator public_flat_rd*/;
  logic [TILE_W-1:0] tile0, tile1;
  logic [REGION_W-1:0] region0, region1;
  logic [2:0] taps0, taps1, column0, column1;
  logic [3:0] width0, width1;
  logic back;
  logic [2:0] beat;  // of the segment that arrives
  assign back = front ^ fifo_count[0];  // used only with room: fifo_count < 2

  logic [DIM_F*8-1:0] front_segment;
  logic [TILE_W-1:0] front_tile /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] front_region /*verilator public_flat_rd*/;
  logic [2:0] front_taps /*verilator public_flat_rd*/, front_column /*verilator public_flat_rd*/;
  logic [3:0] front_width;
  logic empty;
  assign empty = fifo_count == 2'd0;
  assign front_segment = front ? segment1[DIM_F*8-1:0] : segment0[DIM_F*8-1:0];
  assign front_tile = front ? tile1 : tile0;
  assign front_region = front ? region1 : region0;
  assign front_taps = front ? taps1 : taps0;
  assign front_column = front ? column1 : column0;
  assign front_width = front ? width1 : width0;
  assign finished = empty || front_tile != tile;

  // ---- Weight rows: announced, then fetched into a latch, rebuilt there, in use, released when the next one starts.
  logic [1:0] pending /*verilator public_flat_rd*/;  // announced, not fetched
  logic [1:0] pending_engine;                        // of each, oldest first
  logic [1:0] held /*verilator public_flat_rd*/;     // fetched, not released
  logic in_use /*verilator public_flat_rd*/;         // the oldest held row has been started
  logic oldest /*verilator public_flat_rd*/;         // latch of the oldest held row
  logic fetch_latch;
  logic [1:0] coded /*verilator public_flat_rd*/, rebuilt /*verilator public_flat_rd*/, engine;  // by latch
  logic [CODE_BITS-1:0] code0, code1;
  logic [MAX_S*WEIGHT_W-1:0] weights0 /*verilator public_flat_rd*/, weights1 /*verilator public_flat_rd*/;
  assign fetch_latch = oldest ^ held[0];  // used only with held < 2, or after a release

  // ---- MACs.
  logic active /*verilator public_flat_rd*/;
  logic start, releasing, advance, last_tap;
  logic use_latch;
  logic [DIM_F-1:0] tap_done;
  logic front_new_row;
  assign use_latch = front_new_row && !active ? oldest ^ in_use : oldest;
  assign front_new_row = new_row[front];
  assign start = !active && !empty && front_tile == tile && gate_open && complete[front] && rebuilt[use_latch];
  assign releasing = start && front_new_row && in_use;
  assign working = active || start;
  assign advance = working && (&tap_done);
  assign last_tap = front_taps == 3'd1;
  assign completing = advance && last_tap;

  logic [MAX_S*WEIGHT_W-1:0] used_weights;
  logic [WEIGHT_W-1:0] weight;
  assign used_weights = use_latch ? weights1 : weights0;
  integer w;
  always_comb begin
    weight = '0;
    for (w = 0; w < MAX_S; w = w + 1) if (front_column == w[2:0]) weight = used_weights[w*WEIGHT_W+:WEIGHT_W];
  end

  genvar f;
  generate
    for (f = 0; f < DIM_F; f = f + 1) begin : g_mac
      logic [7:0] activation;
      assign activation = front_segment[f*8+:8];
      booth_mac #(
          .WEIGHT_W(WEIGHT_W),
          .SUM_W(SUM_W)
      ) mac (
          .clk(clk),
          .rst(rst),
          .run(working),
          .enable(f[3:0] < front_width),
          .advance(advance),
          .clear(take),
          .value({cfg_signed && activation[7], activation}),
          .weight(weight),
          .tap_done(tap_done[f]),
          .sum(sums[f*SUM_W+:SUM_W])
      );
    end
  endgenerate

  // ---- Weight port: coefficient (or original) rows first, basis words in idle cycles.
  logic [2:0] row_left /*verilator public_flat_rd*/;  // port cycles
  logic [1:0] row_beat;
  logic row_begins, row_ends;
  assign row_begins = row_left == 3'd0 && pending != 2'd0 && (held != 2'd2 || releasing);
  assign row_read = row_begins || row_left != 3'd0;
  assign row_ends = row_begins ? cfg_row_beats == 3'd1 : row_left == 3'd1;

  logic weights_seen;  // a first request came
  logic [REGION_W-1:0] issued /*verilator public_flat_rd*/, loaded /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] entered /*verilator public_flat_rd*/, requested /*verilator public_flat_rd*/, last_region;
  logic [4:0] basis_left /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] ahead, basis_region;
  logic fetch_ahead, basis_begins, basis_ends;
  assign ahead = entered == '0 ? '0 : (entered < last_region ? entered + 1'b1 : last_region);
  assign fetch_ahead = issued < ahead;
  assign basis_begins = !row_read && weights_seen && basis_left == 5'd0 &&
                        (fetch_ahead ? empty || front_region >= entered : issued < requested && empty);
  assign basis_read = basis_begins || (!row_read && basis_left != 5'd0);
  assign basis_ends = basis_read && (basis_begins ? cfg_basis_beats == 5'd1 : basis_left == 5'd1);
  assign basis_region = basis_begins ? issued + 1'b1 : issued;
  assign loaded_region = loaded;
  assign basis_idle = basis_left == 5'd0 && issued >= ahead;

  // ---- Rebuild: one non-zero coefficient of the oldest fetched row a cycle.
  logic rebuilding, rebuild_latch, rebuild_ends, rebuild_engine_used;
  logic [CODE_BITS-1:0] code;
  logic [MAX_S-1:0] mask, negative, applied, left /*verilator public_flat_rd*/, chosen;
  logic [2:0] coefficient;
  logic coefficient_negative;
  logic [2:0] exponent;
  logic [SHIFT_W-1:0] shift;
  assign rebuild_latch = coded[oldest] ? oldest : !oldest;
  assign rebuilding = coded[rebuild_latch];
  assign code = rebuild_latch ? code1 : code0;
  assign rebuild_engine_used = engine[rebuild_latch];
  logic [MAX_S*3-1:0] exponents;
  genvar g;
  generate
    for (g = 0; g < MAX_S; g = g + 1) begin : g_field
      logic [4:0] field;
      always_comb begin
        case (cfg_exponent_bits)
          2'd0: field = {3'b000, code[g*2+:2]};
          2'd1: field = {2'b00, code[g*3+:3]};
          2'd2: field = {1'b0, code[g*4+:4]};
          default: field = code[g*5+:5];
        endcase
      end
      assign mask[g] = field[0] && g[2:0] < cfg_n;
      assign negative[g] = field[1];
      assign exponents[g*3+:3] = field[4:2];
    end
  endgenerate
  assign left = mask & ~applied;
  assign chosen = left & (~left + 1'b1);
  assign rebuild_ends = rebuilding && (left & ~chosen) == '0;
  integer e;
  always_comb begin
    coefficient = 3'd0;
    coefficient_negative = |(negative & chosen);
    exponent = 3'd0;
    for (e = 0; e < MAX_S; e = e + 1) begin
      if (chosen[e]) begin
        coefficient = e[2:0];
        exponent = exponents[e*3+:3];
      end
    end
    shift = cfg_shifts[exponent*SHIFT_W+:SHIFT_W];
  end

  logic [2*MAX_S*WEIGHT_W-1:0] terms;
  logic [MAX_S*WEIGHT_W-1:0] used_terms;
  generate
    for (g = 0; g < 2; g = g + 1) begin : g_engine
      rebuild_engine #(
          .MAX_S(MAX_S),
          .SHIFT_W(SHIFT_W),
          .WEIGHT_W(WEIGHT_W)
      ) re (
          .clk(clk),
          .n(cfg_n),
          .write(basis_read && basis_region[0] == (g == 1)),
          .first(basis_begins),
          .data(weight_data),
          .row(coefficient),
          .shift(shift),
          .negative(coefficient_negative),
          .terms(terms[g*MAX_S*WEIGHT_W+:MAX_S*WEIGHT_W])
      );
    end
  endgenerate
  assign used_terms = rebuild_engine_used ? terms[MAX_S*WEIGHT_W+:MAX_S*WEIGHT_W] : terms[0+:MAX_S*WEIGHT_W];

  // ---- Registers.
  logic push, pop;
  assign push = item_valid;
  assign pop = completing;
  logic arriving;  // where the segment goes whose beats come next; its item is already counted
  integer b, c, s;  // a loop variable for each process
  always_ff @(posedge clk) begin
    if (rst) begin
      fifo_count <= 2'd0;
      front <= 1'b0;
      complete <= 2'b00;
      beat <= 3'd0;
      arriving <= 1'b0;
      active <= 1'b0;
    end else begin
      fifo_count <= fifo_count + {1'b0, push} - {1'b0, pop};
      if (pop) begin
        front <= !front;
        complete[front] <= 1'b0;
      end
      active <= working && !completing;
      if (data_valid) beat <= data_last ? 3'd0 : beat + 3'd1;
      if (data_valid && data_last) begin
        complete[arriving] <= 1'b1;
        arriving <= !arriving;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (push && !back) begin
      {new_row[0], tile0, region0, width0} <= {item_new_row, item_tile, item_region, item_width};
    end
    if (push && back) begin
      {new_row[1], tile1, region1, width1} <= {item_new_row, item_tile, item_region, item_width};
    end
    if (push && !back) {taps0, column0} <= {item_taps, item_column};
    else if (advance && !front) {taps0, column0} <= {taps0 - 3'd1, column0 + cfg_column_step};
    if (push && back) {taps1, column1} <= {item_taps, item_column};
    else if (advance && front) {taps1, column1} <= {taps1 - 3'd1, column1 + cfg_column_step};
    if (advance && !front) segment0 <= {8'd0, segment0[STORED*8-1:8]};
    if (advance && front) segment1 <= {8'd0, segment1[STORED*8-1:8]};
    for (b = 0; b < BEATS; b = b + 1) begin
      if (data_valid && (data_first ? 3'd0 : beat) == b[2:0]) begin
        if (arriving) segment1[b*LANE_BYTES*8+:LANE_BYTES*8] <= data;
        else segment0[b*LANE_BYTES*8+:LANE_BYTES*8] <= data;
      end
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      pending <= 2'd0;
      held <= 2'd0;
      in_use <= 1'b0;
      oldest <= 1'b0;
      coded <= 2'b00;
      rebuilt <= 2'b00;
      row_left <= 3'd0;
      row_beat <= 2'd0;
      applied <= '0;
    end else begin
      pending <= pending + {1'b0, push && item_new_row} - {1'b0, row_ends};
      held <= held + {1'b0, row_ends} - {1'b0, releasing};
      if (start) in_use <= 1'b1;
      if (releasing) begin
        oldest <= !oldest;
        rebuilt[oldest] <= 1'b0;
      end
      if (row_read) begin
        row_left <= (row_begins ? cfg_row_beats : row_left) - 3'd1;
        row_beat <= row_ends ? 2'd0 : row_beat + 2'd1;
      end
      if (row_ends) begin
        coded[fetch_latch] <= cfg_compressed;
        rebuilt[fetch_latch] <= !cfg_compressed;
      end
      if (rebuilding) applied <= rebuild_ends ? '0 : applied | chosen;
      if (rebuild_ends) begin
        coded[rebuild_latch] <= 1'b0;
        rebuilt[rebuild_latch] <= 1'b1;
      end
    end
  end

  logic [1:0] engines_left;  // after a fetch ends
  assign engines_left = row_ends ? {1'b0, pending_engine[1]} : pending_engine;
  always_ff @(posedge clk) begin
    pending_engine <= engines_left;
    if (push && item_new_row) pending_engine[pending - {1'b0, row_ends} == 2'd0 ? 0 : 1] <= item_region[0];
    if (row_ends) engine[fetch_latch] <= pending_engine[0];
    for (c = 0; c < CODE_BITS; c = c + 1) begin
      if (row_read && row_beat == c[5:4] && !fetch_latch) code0[c] <= weight_data[c%16];
      if (row_read && row_beat == c[5:4] && fetch_latch) code1[c] <= weight_data[c%16];
    end
    for (s = 0; s < MAX_S; s = s + 1) begin
      if (row_begins && !fetch_latch) weights0[s*WEIGHT_W+:WEIGHT_W] <= '0;
      if (row_begins && fetch_latch) weights1[s*WEIGHT_W+:WEIGHT_W] <= '0;
      if (rebuilding && !rebuild_latch)
        weights0[s*WEIGHT_W+:WEIGHT_W] <= weights0[s*WEIGHT_W+:WEIGHT_W] + used_terms[s*WEIGHT_W+:WEIGHT_W];
      if (rebuilding && rebuild_latch)
        weights1[s*WEIGHT_W+:WEIGHT_W] <= weights1[s*WEIGHT_W+:WEIGHT_W] + used_terms[s*WEIGHT_W+:WEIGHT_W];
      if (row_read && !cfg_compressed && row_beat == s[2:1]) begin  // path 3 of MUX1
        if (fetch_latch) weights1[s*WEIGHT_W+:WEIGHT_W] <= {{(WEIGHT_W-8){weight_data[(s%2)*8+7]}}, weight_data[(s%2)*8+:8]};
        else weights0[s*WEIGHT_W+:WEIGHT_W] <= {{(WEIGHT_W-8){weight_data[(s%2)*8+7]}}, weight_data[(s%2)*8+:8]};
      end
    end
  end
  always_ff @(posedge clk) begin
    if (rst) begin
      weights_seen <= 1'b0;
      issued <= '0;
      loaded <= '0;
      entered <= '0;
      requested <= '0;
      last_region <= '0;
      basis_left <= 5'd0;
    end else begin
      if (basis_read) begin
        basis_left <= (basis_begins ? cfg_basis_beats : basis_left) - 5'd1;
        issued <= basis_region;
        if (basis_ends) loaded <= basis_region;
      end
      if (request_valid) begin
        weights_seen <= 1'b1;
        requested <= request_region;
        last_region <= request_last;
        if (request_new_weights) begin
          issued <= '0;
          loaded <= '0;
          entered <= '0;
        end
      end
      if (enter_valid) entered <= enter_region;
    end
  end
endmodule
