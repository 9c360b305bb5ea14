"""What a PNG costs its decoder: all its bits, which can be twice as many as those of the decoded picture."""

CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type


def unpacked(data: bytes) -> int:
    """Bytes that its pixels unpack to."""
    width, height, depth, colour = data[16:20], data[20:24], data[24:25], data[25:26]
    bits = int.from_bytes(depth) * CHANNELS.get(int.from_bytes(colour), 0)
    return int.from_bytes(width) * int.from_bytes(height) * bits // 8
