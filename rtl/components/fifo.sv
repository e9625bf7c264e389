// FIFO of WORDS (a power of two) words of W bits.
module fifo #(
    parameter integer WORDS = 4,
    parameter integer W = 8
) (
    input  logic         clk,
    input  logic         rst,
    input  logic         push,
    input  logic [W-1:0] in,
    input  logic         pop,
    output logic [W-1:0] out,
    output logic         empty,
    output logic         full
);
  localparam integer A = $clog2(WORDS);
  logic [A:0] head, tail;
  register_file #(
      .WORDS(WORDS),
      .W(W)
  ) storage (
      .clk(clk),
      .write(push && !full),
      .write_address(tail[A-1:0]),
      .write_data(in),
      .read_address(head[A-1:0]),
      .read_data(out)
  );
  assign empty = head == tail;
  assign full = head == {!tail[A], tail[A-1:0]};
  always_ff @(posedge clk) begin
    if (rst) begin
      head <= '0;
      tail <= '0;
    end else begin
      if (push && !full) tail <= tail + 1'b1;
      if (pop && !empty) head <= head + 1'b1;
    end
  end
endmodule
