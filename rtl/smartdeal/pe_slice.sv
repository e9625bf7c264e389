// PE slice (SmartDeal paper, section V-B): DIM_C lines, DIM_F adder trees, output FIFO of two tiles; one filter.
// Rules 24 to 26 of docs/accelerators/smartdeal.md with array.sync: slice and output_fifo.tiles: 2.
module pe_slice #(
    parameter integer DIM_C = 2,
    parameter integer DIM_F = 4,
    parameter integer MAX_S = 7,
    parameter integer LANE_BYTES = 6,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18,
    parameter integer SUM_W = 32,
    parameter integer TILE_W = 16,
    parameter integer REGION_W = 16
) (
    input  logic                          clk,
    input  logic                          rst,
    input  logic [2:0]                    cfg_n,
    input  logic                          cfg_compressed,
    input  logic                          cfg_signed,
    input  logic [1:0]                    cfg_exponent_bits,
    input  logic [8*SHIFT_W-1:0]          cfg_shifts,
    input  logic [2:0]                    cfg_row_beats,
    input  logic [4:0]                    cfg_basis_beats,
    input  logic [2:0]                    cfg_column_step,
    // From the lanes, one a line: see pe_line.
    input  logic [DIM_C-1:0]              item_valid,
    input  logic [DIM_C-1:0]              item_new_row,
    input  logic [DIM_C*TILE_W-1:0]       item_tile,
    input  logic [DIM_C*REGION_W-1:0]     item_region,
    input  logic [DIM_C*3-1:0]            item_taps,
    input  logic [DIM_C*3-1:0]            item_column,
    input  logic [DIM_C*4-1:0]            item_width,
    input  logic [DIM_C-1:0]              data_valid,
    input  logic [DIM_C-1:0]              data_first,
    input  logic [DIM_C-1:0]              data_last,
    input  logic [DIM_C*LANE_BYTES*8-1:0] data,
    input  logic [DIM_C-1:0]              request_valid,
    input  logic [DIM_C-1:0]              request_new_weights,
    input  logic [DIM_C*REGION_W-1:0]     request_region,
    input  logic [DIM_C*REGION_W-1:0]     request_last,
    input  logic [DIM_C-1:0]              enter_valid,
    input  logic [DIM_C*REGION_W-1:0]     enter_region,
    input  logic [TILE_W-1:0]             passed,        // tiles that every index selector has passed
    // Weight buffer.
    output logic [DIM_C-1:0]              row_read,
    output logic [DIM_C-1:0]              basis_read,
    input  logic [DIM_C*16-1:0]           weight_data,
    // Status.
    output logic [DIM_C-1:0]              completing,
    output logic [DIM_C-1:0]              working,
    output logic [DIM_C*REGION_W-1:0]     loaded_region,
    output logic [DIM_C-1:0]              basis_idle,
    output logic [TILE_W-1:0]             tile,          // in work: tiles handed over
    output logic                          tile_done,     // it waits for room in the output FIFO
    // Output port.
    output logic                          out_valid,
    output logic [DIM_F*SUM_W-1:0]        out_sums,
    input  logic                          out_pop        // the tile has left: its place is free in the next cycle
);
  localparam integer STAGES = $clog2(DIM_C) + 2;  // capture, levels of the tree, requantisation

  logic [DIM_C-1:0] finished;
  logic [DIM_C*DIM_F*SUM_W-1:0] sums /*verilator public_flat_rd*/;
  logic done, hand_over;
  logic [1:0] occupied /*verilator public_flat_rd*/;  // tiles from their hand-over until they have left
  assign done = tile_done || (passed != tile && (&finished));
  assign hand_over = done && occupied != 2'd2;

  genvar l, f;
  generate
    for (l = 0; l < DIM_C; l = l + 1) begin : g_line
      pe_line #(
          .DIM_F(DIM_F), .MAX_S(MAX_S), .LANE_BYTES(LANE_BYTES), .SHIFT_W(SHIFT_W), .WEIGHT_W(WEIGHT_W),
          .SUM_W(SUM_W), .TILE_W(TILE_W), .REGION_W(REGION_W)
      ) line (
          .clk(clk), .rst(rst),
          .cfg_n(cfg_n), .cfg_compressed(cfg_compressed), .cfg_signed(cfg_signed),
          .cfg_exponent_bits(cfg_exponent_bits), .cfg_shifts(cfg_shifts), .cfg_row_beats(cfg_row_beats),
          .cfg_basis_beats(cfg_basis_beats), .cfg_column_step(cfg_column_step),
          .item_valid(item_valid[l]), .item_new_row(item_new_row[l]), .item_tile(item_tile[l*TILE_W+:TILE_W]),
          .item_region(item_region[l*REGION_W+:REGION_W]), .item_taps(item_taps[l*3+:3]),
          .item_column(item_column[l*3+:3]), .item_width(item_width[l*4+:4]),
          .data_valid(data_valid[l]), .data_first(data_first[l]), .data_last(data_last[l]),
          .data(data[l*LANE_BYTES*8+:LANE_BYTES*8]),
          .request_valid(request_valid[l]), .request_new_weights(request_new_weights[l]),
          .request_region(request_region[l*REGION_W+:REGION_W]),
          .request_last(request_last[l*REGION_W+:REGION_W]),
          .enter_valid(enter_valid[l]), .enter_region(enter_region[l*REGION_W+:REGION_W]),
          .tile(tile), .gate_open(!hand_over), .take(hand_over),
          .row_read(row_read[l]), .basis_read(basis_read[l]), .weight_data(weight_data[l*16+:16]),
          .finished(finished[l]), .completing(completing[l]), .working(working[l]),
          .loaded_region(loaded_region[l*REGION_W+:REGION_W]), .basis_idle(basis_idle[l]),
          .sums(sums[l*DIM_F*SUM_W+:DIM_F*SUM_W])
      );
    end
  endgenerate

  // Hand-over: the trees take the sums; after the levels and a register for requantisation they enter the FIFO.
  logic [DIM_C*DIM_F*SUM_W-1:0] captured;
  logic [STAGES-1:0] in_flight /*verilator public_flat_rd*/;
  logic [DIM_F*SUM_W-1:0] tree, requantised;
  always_ff @(posedge clk) begin
    if (hand_over) captured <= sums;
    requantised <= tree;
  end
  generate
    for (f = 0; f < DIM_F; f = f + 1) begin : g_tree
      logic [DIM_C*SUM_W-1:0] terms;
      for (l = 0; l < DIM_C; l = l + 1) begin : g_term
        assign terms[l*SUM_W+:SUM_W] = captured[(l*DIM_F+f)*SUM_W+:SUM_W];
      end
      adder_tree #(
          .INPUTS(DIM_C),
          .SUM_W(SUM_W)
      ) adders (
          .clk(clk),
          .terms(terms),
          .sum(tree[f*SUM_W+:SUM_W])
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
      tile_done <= 1'b0;
      occupied <= 2'd0;
      in_flight <= '0;
      stored <= 2'd0;
    end else begin
      if (hand_over) tile <= tile + 1'b1;
      tile_done <= done && !hand_over;
      occupied <= occupied + {1'b0, hand_over} - {1'b0, out_pop};
      in_flight <= {in_flight[STAGES-2:0], hand_over};
      stored <= stored + {1'b0, arrives} - {1'b0, out_pop};
    end
  end
  always_ff @(posedge clk) begin
    if (out_pop || stored == 2'd0) earlier <= requantised;
  end
endmodule
