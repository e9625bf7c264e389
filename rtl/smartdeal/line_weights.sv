// The weight side of a PE line (SmartDeal paper, section V-B, Fig. 4b): the port of the weight buffer (MUX1) with coefficient
// rows, basis words and original weights in turn; LATCHES weight rows; ENGINES rebuild engines. Rules 10 to 20 of
// docs/accelerators/smartdeal.md. What is read comes READ_LATENCY cycles later.
//
// With cfg_clustered a row has the weights of CLUSTERS filters, fetched one after the other and rebuilt together, each with
// ENGINES / CLUSTERS engines; otherwise one filter has all engines. Regions (stretches of rows of one basis) are numbered
// from 1; 0 is "none". ENGINES and ENGINES / CLUSTERS are powers of two: the low bits of a region name its engine.
module line_weights #(
    parameter integer MAX_S = 7,
    parameter integer PRECISION = 8,
    parameter integer FIFO_ROWS = 2,
    parameter integer LATCHES = 2,
    parameter integer ENGINES = 2,
    parameter integer CLUSTERS = 2,
    parameter integer TERMS = 1,
    parameter integer READ_LATENCY = 1,
    parameter integer RELEASE_LATENCY = 1,
    parameter integer SHIFT_W = 3,
    parameter integer WEIGHT_W = 18,
    parameter integer REGION_W = 8,
    parameter integer ENGINE_W = ENGINES > 1 ? $clog2(ENGINES) : 1
) (
    input  logic                            clk,
    input  logic                            rst,
    input  logic [2:0]                      cfg_n,
    input  logic                            cfg_compressed,
    input  logic                            cfg_clustered,
    input  logic [1:0]                      cfg_exponent_bits,
    input  logic [7*SHIFT_W-1:0]            cfg_shifts,           // of exponent codes 1 to 7; that of 0 is 0
    input  logic [2:0]                      cfg_row_beats,
    input  logic [4:0]                      cfg_basis_beats,
    input  logic                            row_valid,            // a row is announced
    input  logic [ENGINE_W-1:0]             row_region,           // low bits
    input  logic [CLUSTERS-1:0]             row_filters,          // those for which it is not zero
    input  logic                            request_valid,
    input  logic                            request_new_weights,
    input  logic [REGION_W-1:0]             request_region,
    input  logic [REGION_W-1:0]             request_last,
    input  logic [$clog2(CLUSTERS+1)-1:0]   request_filters,      // of the line: matrices of a region
    input  logic                            enter_valid,
    input  logic [REGION_W-1:0]             enter_region,
    input  logic                            line_empty,
    input  logic [REGION_W-1:0]             front_region,
    input  logic                            next_row,             // the MACs' next item has a new row
    input  logic                            start,                // an item starts
    output logic                            ready,                // the row of the MACs' next item is rebuilt
    output logic [CLUSTERS*MAX_S*WEIGHT_W-1:0] weights,           // of that row, or of the one in use
    output logic                            row_read,
    output logic                            basis_read,
    input  logic [2*PRECISION-1:0]          weight_data,
    output logic [REGION_W-1:0]             loaded_region,
    output logic                            basis_idle
);
  localparam integer EACH = ENGINES / CLUSTERS;  // engines of a cluster
  localparam integer LATCH_W = $clog2(LATCHES);
  localparam integer HELD_W = $clog2(LATCHES + 1);
  localparam integer QUEUE_W = $clog2(FIFO_ROWS + 1);
  localparam integer CLUSTER_W = CLUSTERS > 1 ? $clog2(CLUSTERS) : 1;
  localparam integer FILTERS_W = $clog2(CLUSTERS + 1);
  localparam integer CODE_BITS = MAX_S * 5;  // mask, sign, up to three bits of exponent code
  localparam integer LAST_LATCH = LATCHES - 1;
  localparam integer ALL_MASK = ENGINES - 1;
  localparam integer EACH_MASK = EACH - 1;

  function automatic [LATCH_W-1:0] after(input [LATCH_W-1:0] latch);
    after = latch == LAST_LATCH[LATCH_W-1:0] ? '0 : latch + 1'b1;
  endfunction
  logic [ENGINE_W-1:0] own_engines;  // mask of the engines of a cluster, or of the line
  assign own_engines = cfg_clustered ? EACH_MASK[ENGINE_W-1:0] : ALL_MASK[ENGINE_W-1:0];

  // ---- Rows announced, not read: engine and filters of each, oldest first.
  localparam integer PENDING_W = ENGINE_W + CLUSTERS;
  logic [QUEUE_W-1:0] pending /*verilator public_flat_rd*/;
  logic [FIFO_ROWS*PENDING_W-1:0] queue;
  // ---- Latches: a row is held from its last read until the next row starts.
  logic [HELD_W-1:0] held /*verilator public_flat_rd*/;
  logic in_use /*verilator public_flat_rd*/;  // the oldest held row has been started
  logic [LATCH_W-1:0] oldest /*verilator public_flat_rd*/, fetch_latch, rebuild_latch, use_latch;
  logic [LATCHES-1:0] coded /*verilator public_flat_rd*/, rebuilt /*verilator public_flat_rd*/;
  logic [LATCHES*CLUSTERS*MAX_S*WEIGHT_W-1:0] latched /*verilator public_flat_rd*/;
  logic releasing;
  assign releasing = start && next_row && in_use;
  assign use_latch = next_row && in_use ? after(oldest) : oldest;
  assign ready = rebuilt[use_latch];
  assign weights = latched[use_latch*CLUSTERS*MAX_S*WEIGHT_W+:CLUSTERS*MAX_S*WEIGHT_W];

  // ---- Port: rows first, basis words in idle cycles.
  logic fetching /*verilator public_flat_rd*/;            // within a row
  logic [CLUSTERS-1:0] fetch_filters /*verilator public_flat_rd*/;  // with fetching: this one and those to come
  logic [1:0] row_beat /*verilator public_flat_rd*/;
  logic row_begins, row_ends, filter_ends;
  logic [CLUSTERS-1:0] to_fetch, this_filter;
  logic free;
  assign free = held != LATCHES[HELD_W-1:0] || (RELEASE_LATENCY == 0 && releasing);
  assign row_begins = !fetching && pending != '0 && free;
  assign row_read = row_begins || fetching;
  assign to_fetch = row_begins ? queue[CLUSTERS-1:0] : fetch_filters;
  assign this_filter = to_fetch & (~to_fetch + 1'b1);
  assign filter_ends = {1'b0, row_beat} + 3'd1 == cfg_row_beats;
  assign row_ends = row_read && filter_ends && to_fetch == this_filter;
  logic [CLUSTER_W-1:0] fetch_cluster;
  integer a;
  always_comb begin
    fetch_cluster = '0;
    for (a = 0; a < CLUSTERS; a = a + 1) if (this_filter[a]) fetch_cluster = a[CLUSTER_W-1:0];
  end

  // ---- Bases.
  logic weights_seen;  // a first request came
  logic [REGION_W-1:0] issued /*verilator public_flat_rd*/;   // reads begun up to this region
  logic [REGION_W-1:0] reading /*verilator public_flat_rd*/;  // the region in work, or the last
  logic [REGION_W-1:0] loaded /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] entered /*verilator public_flat_rd*/, requested /*verilator public_flat_rd*/, last_region;
  logic [FILTERS_W-1:0] filters;
  logic [CLUSTER_W-1:0] basis_filter /*verilator public_flat_rd*/;
  logic [4:0] basis_beat /*verilator public_flat_rd*/;
  logic basis_busy /*verilator public_flat_rd*/;
  logic [REGION_W-1:0] remaining, ahead, basis_region, basis_target;
  logic fetch_ahead, basis_begins, matrix_ends, last_filter, region_ends, basis_ends;
  always_comb begin  // one basis for each other engine
    remaining = last_region - entered;
    ahead = entered + (remaining > REGION_W'(own_engines) ? REGION_W'(own_engines) : remaining);
    if (entered == '0) ahead = '0;
  end
  assign fetch_ahead = issued < ahead;
  assign basis_begins = !row_read && weights_seen && !basis_busy &&
                        (fetch_ahead ? line_empty || front_region >= entered : issued < requested && line_empty);
  assign basis_read = basis_begins || (!row_read && basis_busy);
  assign basis_target = basis_begins ? (fetch_ahead ? ahead : issued + 1'b1) : issued;
  assign basis_region = basis_begins ? issued + 1'b1 : reading;
  assign last_filter = FILTERS_W'(basis_filter) + 1'b1 == filters;
  assign matrix_ends = basis_beat + 5'd1 == cfg_basis_beats;
  assign region_ends = matrix_ends && last_filter;
  assign basis_ends = basis_read && region_ends && basis_region == basis_target;
  assign loaded_region = loaded;

  // ---- What was read, READ_LATENCY cycles later: what it is travels along.
  localparam integer ROW_W = 5 + LATCH_W + CLUSTER_W;
  localparam integer BASIS_W = 3 + CLUSTER_W + ENGINE_W + REGION_W;
  localparam integer TAG_W = ROW_W + BASIS_W;
  logic [(READ_LATENCY+1)*TAG_W-1:0] returning;
  logic basis_returning;  // words that were read in earlier cycles
  logic row_word, row_first, row_complete, basis_word, matrix_first, basis_complete;
  logic [LATCH_W-1:0] to_latch;
  logic [CLUSTER_W-1:0] to_cluster, basis_cluster;
  logic [1:0] to_beat;
  logic [ENGINE_W-1:0] basis_engine;
  logic [REGION_W-1:0] arrived_region;
  assign returning[0+:TAG_W] = {
      basis_read, basis_beat == 5'd0, basis_ends, basis_filter, basis_region[ENGINE_W-1:0] & own_engines, basis_target,
      row_read, row_begins, row_ends, row_beat, fetch_latch, fetch_cluster};
  integer b;
  always_comb begin
    basis_returning = 1'b0;
    for (b = 1; b <= READ_LATENCY; b = b + 1) if (returning[b*TAG_W+TAG_W-1]) basis_returning = 1'b1;
  end
  genvar d;
  generate
    for (d = 1; d <= READ_LATENCY; d = d + 1) begin : g_return
      logic [TAG_W-1:0] stage;
      always_ff @(posedge clk) stage <= rst ? '0 : returning[(d-1)*TAG_W+:TAG_W];
      assign returning[d*TAG_W+:TAG_W] = stage;
    end
  endgenerate
  assign {basis_word, matrix_first, basis_complete, basis_cluster, basis_engine, arrived_region,
          row_word, row_first, row_complete, to_beat, to_latch, to_cluster} = returning[READ_LATENCY*TAG_W+:TAG_W];
  assign basis_idle = !basis_busy && !basis_returning && issued >= ahead;

  // ---- Rebuild: up to TERMS non-zero coefficients of the oldest coded row a cycle, in each cluster.
  logic rebuilding, rebuild_ends;
  logic [ENGINE_W-1:0] rebuild_engine_used;
  logic [LATCHES*ENGINE_W-1:0] engines;  // by latch
  logic [LATCHES*CLUSTERS*CODE_BITS-1:0] codes;
  logic [CLUSTERS*MAX_S-1:0] left /*verilator public_flat_rd*/, chosen, applied;
  logic [CLUSTERS*TERMS-1:0] used, negative;
  logic [CLUSTERS*TERMS*3-1:0] basis_rows;
  logic [CLUSTERS*TERMS*SHIFT_W-1:0] shifts;
  assign rebuilding = coded[rebuild_latch];
  assign rebuild_ends = rebuilding && (left & ~chosen) == '0;
  assign rebuild_engine_used = engines[rebuild_latch*ENGINE_W+:ENGINE_W];
  genvar c, g;
  generate
    for (c = 0; c < CLUSTERS; c = c + 1) begin : g_cluster
      logic [CODE_BITS-1:0] code;
      logic [MAX_S-1:0] mask, minus, rest, first;
      logic [MAX_S*3-1:0] exponents;
      assign code = codes[(rebuild_latch*CLUSTERS+c)*CODE_BITS+:CODE_BITS];
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
        assign minus[g] = field[1];
        assign exponents[g*3+:3] = field[4:2];
      end
      assign left[c*MAX_S+:MAX_S] = mask & ~applied[c*MAX_S+:MAX_S];
      integer t, e, x;
      always_comb begin
        rest = left[c*MAX_S+:MAX_S];
        for (t = 0; t < TERMS; t = t + 1) begin
          first = rest & (~rest + 1'b1);
          rest = rest & ~first;
          used[c*TERMS+t] = first != '0;
          negative[c*TERMS+t] = |(minus & first);
          basis_rows[(c*TERMS+t)*3+:3] = 3'd0;
          shifts[(c*TERMS+t)*SHIFT_W+:SHIFT_W] = '0;
          for (e = 0; e < MAX_S; e = e + 1) begin
            if (first[e]) basis_rows[(c*TERMS+t)*3+:3] = e[2:0];
            for (x = 1; x < 8; x = x + 1)
              if (first[e] && exponents[e*3+:3] == x[2:0])
                shifts[(c*TERMS+t)*SHIFT_W+:SHIFT_W] = cfg_shifts[(x-1)*SHIFT_W+:SHIFT_W];
          end
        end
        chosen[c*MAX_S+:MAX_S] = left[c*MAX_S+:MAX_S] & ~rest;
      end
    end
  endgenerate

  logic [ENGINES*MAX_S*WEIGHT_W-1:0] sums;
  generate
    for (g = 0; g < ENGINES; g = g + 1) begin : g_engine
      localparam integer OWN = g / EACH;  // its cluster
      localparam integer FROM = OWN < CLUSTERS ? OWN : 0;
      localparam integer NUMBER = g % EACH;
      logic mine;
      assign mine = cfg_clustered ? basis_cluster == OWN[CLUSTER_W-1:0] && basis_engine == NUMBER[ENGINE_W-1:0]
                                  : basis_engine == g[ENGINE_W-1:0];
      rebuild_engine #(
          .MAX_S(MAX_S), .PRECISION(PRECISION), .TERMS(TERMS), .SHIFT_W(SHIFT_W), .WEIGHT_W(WEIGHT_W)
      ) re (
          .clk(clk), .n(cfg_n), .write(basis_word && mine), .first(matrix_first), .data(weight_data),
          .used(cfg_clustered ? used[FROM*TERMS+:TERMS] : used[0+:TERMS]),
          .row(cfg_clustered ? basis_rows[FROM*TERMS*3+:TERMS*3] : basis_rows[0+:TERMS*3]),
          .shift(cfg_clustered ? shifts[FROM*TERMS*SHIFT_W+:TERMS*SHIFT_W] : shifts[0+:TERMS*SHIFT_W]),
          .negative(cfg_clustered ? negative[FROM*TERMS+:TERMS] : negative[0+:TERMS]),
          .sum(sums[g*MAX_S*WEIGHT_W+:MAX_S*WEIGHT_W])
      );
    end
  endgenerate

  // ---- Registers of the latches.
  genvar l, s;
  generate
    for (l = 0; l < LATCHES; l = l + 1) begin : g_latch
      always_ff @(posedge clk)
        if (row_begins && fetch_latch == l) engines[l*ENGINE_W+:ENGINE_W] <= queue[CLUSTERS+:ENGINE_W];
      for (c = 0; c < CLUSTERS; c = c + 1) begin : g_filter
        logic here;
        logic [MAX_S*WEIGHT_W-1:0] terms;
        assign here = row_word && to_latch == l && to_cluster == c;
        assign terms = sums[((cfg_clustered?c*EACH:0)+32'(rebuild_engine_used))*MAX_S*WEIGHT_W+:MAX_S*WEIGHT_W];
        for (s = 0; s < CODE_BITS; s = s + 1) begin : g_bit
          localparam integer BEAT = s / (2 * PRECISION);
          always_ff @(posedge clk) begin
            if (here && to_beat == BEAT[1:0]) codes[(l*CLUSTERS+c)*CODE_BITS+s] <= weight_data[s%(2*PRECISION)];
            else if (row_first && row_word && to_latch == l) codes[(l*CLUSTERS+c)*CODE_BITS+s] <= 1'b0;
          end
        end
        for (s = 0; s < MAX_S; s = s + 1) begin : g_weight
          logic [WEIGHT_W-1:0] weight;
          always_ff @(posedge clk) begin
            if (here && !cfg_compressed && to_beat == s[2:1])  // path 3 of MUX1
              weight <= {{(WEIGHT_W-PRECISION){weight_data[(s%2)*PRECISION+PRECISION-1]}},
                         weight_data[(s%2)*PRECISION+:PRECISION]};
            else if (row_first && row_word && to_latch == l) weight <= '0;
            else if (rebuilding && rebuild_latch == l && (cfg_clustered || c == 0))
              weight <= weight + terms[s*WEIGHT_W+:WEIGHT_W];
          end
          assign latched[((l*CLUSTERS+c)*MAX_S+s)*WEIGHT_W+:WEIGHT_W] = weight;
        end
      end
    end
  endgenerate

  // ---- Control.
  logic [QUEUE_W-1:0] behind;  // rows that stay in the queue
  logic [FIFO_ROWS*PENDING_W-1:0] moved;
  integer q;
  assign behind = pending - QUEUE_W'(row_ends);
  assign moved = row_ends ? queue >> PENDING_W : queue;
  always_ff @(posedge clk) begin
    for (q = 0; q < FIFO_ROWS; q = q + 1)
      queue[q*PENDING_W+:PENDING_W] <= row_valid && behind == q[QUEUE_W-1:0]
                                           ? {row_region & own_engines, row_filters}
                                           : moved[q*PENDING_W+:PENDING_W];
    if (row_read) fetch_filters <= filter_ends ? to_fetch & ~this_filter : to_fetch;
  end
  always_ff @(posedge clk) begin
    if (rst) begin
      pending <= '0;
      held <= '0;
      in_use <= 1'b0;
      oldest <= '0;
      fetch_latch <= '0;
      rebuild_latch <= '0;
      coded <= '0;
      rebuilt <= '0;
      fetching <= 1'b0;
      row_beat <= 2'd0;
      applied <= '0;
    end else begin
      pending <= behind + QUEUE_W'(row_valid);
      held <= held + HELD_W'(row_ends) - HELD_W'(releasing);
      if (start) in_use <= 1'b1;
      if (releasing) begin
        oldest <= after(oldest);
        rebuilt[oldest] <= 1'b0;
      end
      if (row_read) begin
        fetching <= !row_ends;
        row_beat <= filter_ends ? 2'd0 : row_beat + 2'd1;
      end
      if (row_ends) fetch_latch <= after(fetch_latch);
      if (row_word && row_complete) begin
        coded[to_latch] <= cfg_compressed;
        rebuilt[to_latch] <= !cfg_compressed;
      end
      if (rebuilding) applied <= rebuild_ends ? '0 : applied | chosen;
      if (rebuild_ends) begin
        coded[rebuild_latch] <= 1'b0;
        rebuilt[rebuild_latch] <= 1'b1;
        rebuild_latch <= after(rebuild_latch);
      end
    end
  end

  always_ff @(posedge clk) begin
    if (rst) begin
      weights_seen <= 1'b0;
      issued <= '0;
      reading <= '0;
      loaded <= '0;
      entered <= '0;
      requested <= '0;
      last_region <= '0;
      filters <= '0;
      basis_busy <= 1'b0;
      basis_beat <= 5'd0;
      basis_filter <= '0;
    end else begin
      if (basis_read) begin
        basis_busy <= !basis_ends;
        issued <= basis_target;
        reading <= region_ends && !basis_ends ? basis_region + 1'b1 : basis_region;
        basis_beat <= matrix_ends ? 5'd0 : basis_beat + 5'd1;
        if (matrix_ends) basis_filter <= last_filter ? '0 : basis_filter + 1'b1;
      end
      if (basis_word && basis_complete) loaded <= arrived_region;
      if (request_valid) begin
        weights_seen <= 1'b1;
        requested <= request_region;
        last_region <= request_last;
        filters <= request_filters;
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
