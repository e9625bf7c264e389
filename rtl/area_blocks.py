"""What rtl/area synthesises: blocks, the grid of their parameters and the form between its points.

A form is a list of terms; a term is a product of parameters, "1" the constant. NAND2 equivalents and flip-flops of a block are sums
of its terms with coefficients that rtl/area fits to the points.
"""


def grid(names, *points):
    """[{name: value}] of points that are tuples of values."""
    return [dict(zip(names.split(), point if isinstance(point, tuple) else (point,))) for point in points]


def stored(point):
    """Of a PE line: bytes of a segment of its FIFO, whole beats of the lane."""
    entries, beat = point["DIM_F"] + point["MAX_S"] - 1, point["LANE_BYTES"]
    return -(-entries // beat) * beat


def reach(point):
    """Of a Pragmatic column: places that a lane's own shifter reaches."""
    return (1 << point["FIRST_STAGE_BITS"]) - 1


# Parameters that follow from others, by name: they are in forms and not set in the RTL.
DERIVED = {"STORED": stored, "REACH": reach}

# (folder, module, form, points)
BLOCKS = [
    ("components", "full_adder", "1", [{}]),
    ("components", "adder", "1 W", grid("W", 8, 16, 24, 32, 48)),
    ("components", "multiplier", "W W*W", grid("W", 8, 12, 16, 24)),
    ("components", "accumulator", "1 W", grid("W", 16, 24, 32, 48)),
    ("components", "sum_tree", "1 INPUTS INPUTS*W", grid("INPUTS W", (8, 16), (16, 16), (32, 16), (64, 16), (16, 24), (16, 32))),
    ("components", "shifter", "W W*STAGES", grid("W STAGES", (11, 2), (16, 3), (16, 4), (32, 3), (32, 5), (64, 5))),
    ("components", "multiplexer", "1 INPUTS W INPUTS*W",
     grid("INPUTS W", (4, 8), (8, 8), (16, 8), (64, 8), (256, 8), (8, 16), (16, 16), (64, 16))),
    ("components", "data_register", "W", grid("W", 8, 16, 32)),
    ("components", "register_file", "WORDS WORDS*W", grid("WORDS W", (4, 8), (8, 24), (16, 8), (16, 32), (64, 24))),
    ("components", "fifo", "1 WORDS WORDS*W", grid("WORDS W", (2, 8), (4, 8), (4, 32), (8, 24), (16, 8), (16, 32), (64, 20))),
    ("components", "crossbar_port", "1 INPUTS INPUTS*W", grid("INPUTS W", (8, 24), (16, 12), (16, 24), (16, 32), (32, 24))),
    ("components", "step_indexer", "1 LANES LANES*POSITION_W",
     grid("LANES STEP_W POSITION_W", (8, 4, 16), (16, 4, 12), (16, 4, 16), (32, 3, 16), (64, 3, 16))),
    ("components", "coordinate", "1 POSITION_W ADDRESS_W", grid("POSITION_W ADDRESS_W", (8, 12), (8, 16), (10, 12), (10, 16))),
    ("components", "zero_runs", "1 POSITION_W ADDRESS_W", grid("POSITION_W ADDRESS_W", (6, 10), (8, 12), (8, 16), (10, 12))),
    ("components", "divider_stage", "1 W", grid("W", 8, 16, 24)),
    ("components", "requantiser", "1 SUM_W OUT_W", grid("SUM_W OUT_W", (24, 8), (32, 8), (32, 16), (48, 8))),
    ("components", "interpolator", "1 W W*W", grid("W", 8, 12, 16)),
    ("components", "dma_channel", "1 OUTSTANDING BEAT_W", grid("OUTSTANDING BEAT_W", (4, 64), (16, 64), (64, 64), (16, 128), (16, 256))),
    ("components", "loop_controller", "LOOPS LOOPS*W", grid("LOOPS W", (3, 16), (6, 16), (6, 24), (8, 16))),
    ("components", "rank_unit", "1 W SAMPLE_W", grid("W SAMPLE_W", (32, 16), (64, 12), (64, 16))),
    ("smartdeal", "booth_mac", "1 WEIGHT_W SUM_W", grid("WEIGHT_W SUM_W", (18, 24), (18, 32), (18, 48), (26, 32), (26, 48))),
    ("smartdeal", "rebuild_engine", "1 MAX_S MAX_S*MAX_S", grid("MAX_S", 3, 5, 7)),
    ("smartdeal", "adder_tree", "SUM_W INPUTS*SUM_W", grid("INPUTS SUM_W", (4, 32), (8, 32), (16, 24), (16, 32), (64, 32))),
    ("smartdeal", "pe_line", "1 DIM_F MAX_S MAX_S*MAX_S STORED",
     grid("DIM_F MAX_S LANE_BYTES", (4, 3, 6), (8, 3, 11), (16, 3, 22), (8, 5, 11), (4, 7, 6), (8, 7, 11), (16, 7, 22))),
    ("smartdeal", "index_selector", "1 PAIRS PAIRS*SLICES",
     grid("PAIRS SLICES POSITION_W", (2, 32, 11), (2, 64, 11), (4, 16, 11), (4, 64, 11), (8, 64, 11))),
    ("smartdeal", "input_lane", "1 LANE_BYTES LANE_BYTES*BANKS*WORD",
     grid("LANE_BYTES BANKS WORD SLICES PLACE_W ENTRY_W", (6, 2, 4, 64, 9, 5), (11, 2, 8, 64, 9, 5), (11, 2, 8, 16, 9, 5),
          (11, 2, 16, 64, 9, 5), (11, 4, 4, 64, 9, 5))),
    ("smartdeal", "huffman_decoder", "1 SYMBOLS", grid("SYMBOLS", 16, 64, 256)),
    ("pynq_ternary", "ternary_pe", "1 LANES", grid("LANES", 18, 36, 72, 144)),
    ("pynq_ternary", "group_indexer", "1 PES PES*BITS", grid("PES BITS", (1, 2), (2, 2), (4, 2), (2, 4), (2, 8))),
    ("bit_pragmatic", "pragmatic_column", "FILTERS LANES LANES*FILTERS LANES*FILTERS*REACH",
     grid("LANES FILTERS FIRST_STAGE_BITS", (4, 4, 1), (4, 4, 2), (4, 4, 3), (8, 4, 2), (4, 8, 2), (8, 8, 2), (16, 4, 2))),
]
