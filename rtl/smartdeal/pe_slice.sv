// PE slice (SmartDeal paper, section V-B): DIM_C lines, an adder tree and a requantiser for each of DIM_F columns, output FIFO
// of two tiles; one filter, or CLUSTERS in layers of one output pixel. Rules 24 to 26 of docs/accelerators/smartdeal.md
// with output_fifo.tiles: 2 and requantise.stages: 3. Ports of the lines: see pe_line.
module pe_slice #(
    parameter integer DIM_C = 2,
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
    parameter integer MULTIPLIER_W = 16,
    parameter integer RESULT_SHIFT_W = 6,
    parameter integer WIDTH_W = $clog2(DIM_F + 1),
    parameter integer FILTERS_W = $clog2(CLUSTERS + 1)
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [2:0]                    cfg_n,
    input  logic                          cfg_compressed,
    input  logic                          cfg_clustered,
    input  logic                          cfg_signed,
    input  logic [1:0]                    cfg_exponent_bits,
    input  logic [7*SHIFT_W-1:0]          cfg_shifts,
    input  logic [2:0]                    cfg_row_beats,
    input  logic [4:0]                    cfg_basis_beats,
    input  logic [2:0]                    cfg_column_step,
    input  logic [2:0]                    cfg_place_step,
    input  logic                          cfg_array_sync,     // array.sync: array
    input  logic                          cfg_result_signed,
    // From the lanes, one a line.
    input  logic [DIM_C-1:0]              item_valid,
    input  logic [DIM_C-1:0]              item_new_row,
    input  logic [DIM_C*TILE_W-1:0]       item_tile,
    input  logic [DIM_C*REGION_W-1:0]     item_region,
    input  logic [DIM_C*3-1:0]            item_taps,
    input  logic [DIM_C*3-1:0]            item_column,
    input  logic [DIM_C*WIDTH_W-1:0]      item_width,
    input  logic [DIM_C*CLUSTERS-1:0]     item_filters,
    input  logic [DIM_C-1:0]              data_valid,
    input  logic [DIM_C-1:0]              data_last,
    input  logic [DIM_C*LANE_BYTES*8-1:0] data,
    input  logic [DIM_C-1:0]              request_valid,
    input  logic [DIM_C-1:0]              request_new_weights,
    input  logic [DIM_C*REGION_W-1:0]     request_region,
    input  logic [DIM_C*REGION_W-1:0]     request_last,
    input  logic [DIM_C*FILTERS_W-1:0]    request_filters,
    input  logic [DIM_C-1:0]              enter_valid,
    input  logic [DIM_C*REGION_W-1:0]     enter_region,
    input  logic [TILE_W-1:0]             passed,        // tiles that every index selector has passed
    input  logic [TILE_W-1:0]             all_done,      // tiles that every slice has finished
    // Of the tile in work.
    input  logic                          tile_emits,    // its sums leave; otherwise they stay for the next chunk
    input  logic                          tile_final,    // they are requantised
    input  logic [CLUSTERS*SUM_W-1:0]     tile_bias,
    input  logic [CLUSTERS*MULTIPLIER_W-1:0] tile_multiplier,
    input  logic [CLUSTERS*RESULT_SHIFT_W-1:0] tile_shift,
    // Weight buffer.
    output logic [DIM_C-1:0]              row_read,
    output logic [DIM_C-1:0]              basis_read,
    input  logic [DIM_C*2*PRECISION-1:0]  weight_data,
    // Status.
    output logic [DIM_C-1:0]              completing,
    output logic [DIM_C-1:0]              working,
    output logic [DIM_C*REGION_W-1:0]     loaded_region,
    output logic [DIM_C-1:0]              basis_idle,
    output logic [TILE_W-1:0]             tile,          // in work: tiles handed over
    output logic                          local_done,    // its lines have finished it
    // Output port.
    output logic                          out_valid,
    output logic [DIM_F*SUM_W-1:0]        out_sums,
    input  logic                          out_pop        // the tile has left: its place is free in the next cycle
);
  localparam integer LEVELS = $clog2(DIM_C);
  localparam integer STAGES = LEVELS + 4;  // capture, levels of the tree, three of requantisation
  localparam integer PER_CLUSTER = DIM_F / CLUSTERS;

  logic [DIM_C-1:0] finished;
  logic [DIM_C*DIM_F*SUM_W-1:0] sums /*verilator public_flat_rd*/;
  logic lines_done, done, hand_over, take;
  logic [1:0] occupied /*verilator public_flat_rd*/;  // tiles from their hand-over until they have left
  assign lines_done = local_done || (passed != tile && (&finished));
  assign done = lines_done && (!cfg_array_sync || (local_done && all_done != tile));
  assign hand_over = done && (!tile_emits || occupied != 2'd2);
  assign take = hand_over && tile_emits;

  genvar l, f, s;
  generate
    for (l = 0; l < DIM_C; l = l + 1) begin : g_line
      pe_line #(
          .DIM_F(DIM_F), .MAX_S(MAX_S), .LANE_BYTES(LANE_BYTES), .PRECISION(PRECISION), .FIFO_ROWS(FIFO_ROWS),
          .SHIFT_PLACES(SHIFT_PLACES), .LEAD(LEAD), .CLUSTERS(CLUSTERS), .LATCHES(LATCHES), .ENGINES(ENGINES),
          .TERMS(TERMS), .READ_LATENCY(READ_LATENCY), .RELEASE_LATENCY(RELEASE_LATENCY), .SHIFT_W(SHIFT_W),
          .WEIGHT_W(WEIGHT_W), .SUM_W(SUM_W), .TILE_W(TILE_W), .REGION_W(REGION_W)
      ) line (
          .clk(clk), .rst(rst),
          .cfg_n(cfg_n), .cfg_compressed(cfg_compressed), .cfg_clustered(cfg_clustered), .cfg_signed(cfg_signed),
          .cfg_exponent_bits(cfg_exponent_bits), .cfg_shifts(cfg_shifts), .cfg_row_beats(cfg_row_beats),
          .cfg_basis_beats(cfg_basis_beats), .cfg_column_step(cfg_column_step), .cfg_place_step(cfg_place_step),
          .item_valid(item_valid[l]), .item_new_row(item_new_row[l]), .item_tile(item_tile[l*TILE_W+:TILE_W]),
          .item_region(item_region[l*REGION_W+:REGION_W]), .item_taps(item_taps[l*3+:3]),
          .item_column(item_column[l*3+:3]), .item_width(item_width[l*WIDTH_W+:WIDTH_W]),
          .item_filters(item_filters[l*CLUSTERS+:CLUSTERS]),
          .data_valid(data_valid[l]), .data_last(data_last[l]), .data(data[l*LANE_BYTES*8+:LANE_BYTES*8]),
          .request_valid(request_valid[l]), .request_new_weights(request_new_weights[l]),
          .request_region(request_region[l*REGION_W+:REGION_W]),
          .request_last(request_last[l*REGION_W+:REGION_W]),
          .request_filters(request_filters[l*FILTERS_W+:FILTERS_W]),
          .enter_valid(enter_valid[l]), .enter_region(enter_region[l*REGION_W+:REGION_W]),
          .tile(tile), .take(take),
          .row_read(row_read[l]), .basis_read(basis_read[l]), .weight_data(weight_data[l*2*PRECISION+:2*PRECISION]),
          .finished(finished[l]), .completing(completing[l]), .working(working[l]),
          .loaded_region(loaded_region[l*REGION_W+:REGION_W]), .basis_idle(basis_idle[l]),
          .sums(sums[l*DIM_F*SUM_W+:DIM_F*SUM_W])
      );
    end
  endgenerate

  // Hand-over: the trees take the sums; the constants of the tile travel along. Stage 0 is the capture.
  localparam integer CONSTANT_W = SUM_W + MULTIPLIER_W + RESULT_SHIFT_W;  // of a filter
  localparam integer STAGE_W = CLUSTERS * CONSTANT_W + 1;
  logic [DIM_C*DIM_F*SUM_W-1:0] captured;
  logic [STAGES-1:0] in_flight /*verilator public_flat_rd*/;
  logic [(LEVELS+3)*STAGE_W-1:0] constants;
  logic [DIM_F*SUM_W-1:0] tree, requantised;
  always_ff @(posedge clk) if (take) captured <= sums;
  generate
    for (s = 0; s < LEVELS + 3; s = s + 1) begin : g_constants
      logic [STAGE_W-1:0] stage;
      if (s == 0) begin : g_capture
        always_ff @(posedge clk) if (take) stage[STAGE_W-1] <= tile_final;
        for (f = 0; f < CLUSTERS; f = f + 1) begin : g_filter
          always_ff @(posedge clk) begin
            if (take && tile_final)
              stage[f*CONSTANT_W+:CONSTANT_W] <= {tile_bias[f*SUM_W+:SUM_W], tile_multiplier[f*MULTIPLIER_W+:MULTIPLIER_W],
                                                  tile_shift[f*RESULT_SHIFT_W+:RESULT_SHIFT_W]};
            else if (take)
              stage[f*CONSTANT_W+:CONSTANT_W] <= {{SUM_W{1'b0}}, MULTIPLIER_W'(1), {RESULT_SHIFT_W{1'b0}}};
          end
        end
      end else begin : g_next
        always_ff @(posedge clk) stage <= constants[(s-1)*STAGE_W+:STAGE_W];
      end
      assign constants[s*STAGE_W+:STAGE_W] = stage;
    end
    for (f = 0; f < DIM_F; f = f + 1) begin : g_column
      localparam integer OWN = f / PER_CLUSTER;
      localparam integer FROM = OWN < CLUSTERS ? OWN : 0;
      localparam integer SHIFT_AT = (LEVELS + 2) * STAGE_W;
      localparam integer MULTIPLIER_AT = (LEVELS + 1) * STAGE_W + RESULT_SHIFT_W;
      localparam integer BIAS_AT = LEVELS * STAGE_W + RESULT_SHIFT_W + MULTIPLIER_W;
      logic [DIM_C*SUM_W-1:0] terms;
      for (l = 0; l < DIM_C; l = l + 1) begin : g_term
        assign terms[l*SUM_W+:SUM_W] = captured[(l*DIM_F+f)*SUM_W+:SUM_W];
      end
      adder_tree #(
          .INPUTS(DIM_C), .SUM_W(SUM_W)
      ) adders (
          .clk(clk), .terms(terms), .sum(tree[f*SUM_W+:SUM_W])
      );
      requantiser #(
          .SUM_W(SUM_W), .MULTIPLIER_W(MULTIPLIER_W), .RESULT_SHIFT_W(RESULT_SHIFT_W)
      ) scaler (
          .clk(clk), .sum(tree[f*SUM_W+:SUM_W]),
          .bias(constants[BIAS_AT+(cfg_clustered?FROM*CONSTANT_W:0)+:SUM_W]),
          .multiplier(constants[MULTIPLIER_AT+(cfg_clustered?FROM*CONSTANT_W:0)+:MULTIPLIER_W]),
          .shift(constants[SHIFT_AT+(cfg_clustered?FROM*CONSTANT_W:0)+:RESULT_SHIFT_W]),
          .final_sum(constants[SHIFT_AT+STAGE_W-1]), .result_signed(cfg_result_signed), .result(requantised[f*SUM_W+:SUM_W])
      );
    end
  endgenerate

  // Output FIFO of two tiles. The trees keep the latest tile, because the next hand-over waits for a free place; so the FIFO
  // needs one register besides `requantised`. The last stage of in_flight is the cycle in which a tile arrives there.
  logic [DIM_F*SUM_W-1:0] earlier;
  logic [1:0] stored;
  logic arrives;
  assign arrives = in_flight[STAGES-1];
  assign out_valid = stored != 2'd0 || arrives;
  assign out_sums = stored != 2'd0 ? earlier : requantised;
  always_ff @(posedge clk) begin
    if (rst) begin
      tile <= '0;
      local_done <= 1'b0;
      occupied <= 2'd0;
      in_flight <= '0;
      stored <= 2'd0;
    end else begin
      if (hand_over) tile <= tile + 1'b1;
      local_done <= lines_done && !hand_over;
      occupied <= occupied + {1'b0, take} - {1'b0, out_pop};
      in_flight <= {in_flight[STAGES-2:0], take};
      stored <= stored + {1'b0, arrives} - {1'b0, out_pop};
    end
  end
  always_ff @(posedge clk) begin
    if (out_pop || stored == 2'd0) earlier <= requantised;
  end
endmodule
