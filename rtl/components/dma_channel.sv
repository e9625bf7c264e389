// A channel of the DMA: splits a block of memory into requests, counts those under way (OUTSTANDING) and keeps where the data
// of each goes; a beat of BEAT_W bits is registered on its way.
module dma_channel #(
    parameter integer OUTSTANDING = 16,
    parameter integer BEAT_W = 64,
    parameter integer ADDRESS_W = 32,
    parameter integer BUFFER_W = 20
) (
    input  logic                 clk,
    input  logic                 rst,
    input  logic                 start,
    input  logic [ADDRESS_W-1:0] from,
    input  logic [BUFFER_W-1:0]  to,
    input  logic [BUFFER_W-1:0]  bytes,
    input  logic [BUFFER_W-1:0]  request_bytes,
    output logic                 ask,
    output logic [ADDRESS_W-1:0] address,
    input  logic                 granted,
    input  logic                 beat_valid,
    input  logic                 beat_last,
    input  logic [BEAT_W-1:0]    beat,
    output logic                 write,
    output logic [BUFFER_W-1:0]  write_address,
    output logic [BEAT_W-1:0]    write_data,
    output logic                 done
);
  localparam integer BEAT_BYTES = BEAT_W / 8;
  logic [BUFFER_W-1:0] left, target, place, offset;
  logic full, empty;
  assign ask = left != '0 && !full;
  assign done = left == '0 && empty;
  fifo #(
      .WORDS(OUTSTANDING),
      .W(BUFFER_W)
  ) under_way (
      .clk(clk),
      .rst(rst),
      .push(ask && granted),
      .in(target),
      .pop(beat_valid && beat_last),
      .out(place),
      .empty(empty),
      .full(full)
  );
  always_ff @(posedge clk) begin
    if (rst) begin
      left  <= '0;
      write <= 1'b0;
    end else begin
      write <= beat_valid;
      if (start) left <= bytes;
      else if (ask && granted) left <= left > request_bytes ? left - request_bytes : '0;
    end
    if (start) {address, target} <= {from, to};
    else if (ask && granted) begin
      address <= address + {{(ADDRESS_W - BUFFER_W) {1'b0}}, request_bytes};
      target  <= target + request_bytes;
    end
    if (beat_valid) begin
      offset <= beat_last ? '0 : offset + BEAT_BYTES[BUFFER_W-1:0];
      write_address <= place + offset;
      write_data <= beat;
    end
  end
endmodule
