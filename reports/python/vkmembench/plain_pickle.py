"""Reads pickles of plain values: numbers, texts, lists, tuples and dicts. Nothing that a pickle asks to call is called."""
import struct


class PickleError(ValueError):
    """What a file holds that is no pickle of plain values; the message is one line."""


_MARK = object()
_REFUSED = {
    b"c": "GLOBAL", b"\x93": "STACK_GLOBAL", b"R": "REDUCE", b"b": "BUILD", b"i": "INST", b"o": "OBJ", b"\x81": "NEWOBJ",
    b"\x92": "NEWOBJ_EX", b"P": "PERSID", b"Q": "BINPERSID", b"\x82": "EXT1", b"\x83": "EXT2", b"\x84": "EXT4",
    b"\x97": "NEXT_BUFFER", b"\x98": "READONLY_BUFFER",
}
_CONSTANTS = {b"N": None, b"\x88": True, b"\x89": False}
# Whole numbers by their format, texts and bytes by that of their length.
_NUMBERS = {b"J": "<i", b"K": "<B", b"M": "<H", b"G": ">d"}
_LENGTHS = {
    b"X": "<I", b"\x8c": "<B", b"\x8d": "<Q", b"T": "<I", b"U": "<B", b"B": "<I", b"C": "<B", b"\x8e": "<Q", b"\x8a": "<B", b"\x8b": "<I",
}
_TEXTS = (b"X", b"\x8c", b"\x8d", b"T", b"U")
_LONGS = (b"\x8a", b"\x8b")
_GETS = {b"h": "<B", b"j": "<I"}
_PUTS = {b"q": "<B", b"r": "<I"}
_TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}


class _Machine:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.stack = []
        self.memo = {}

    def fail(self, what):
        raise PickleError(f"byte {self.at}: {what}")

    def take(self, count):
        if count > len(self.data) - self.at:
            self.fail("the pickle ends in the middle; copy it again")
        self.at += count
        return self.data[self.at - count:self.at]

    def unpack(self, layout):
        return struct.unpack(layout, self.take(struct.calcsize(layout)))[0]

    def line(self):
        end = self.data.find(b"\n", self.at)
        if end < 0:
            self.fail("the pickle ends in the middle; copy it again")
        text = self.take(end - self.at)
        self.at += 1
        return text

    def pop(self):
        if not self.stack or self.stack[-1] is _MARK:
            self.fail("takes a value where none is; it is no pickle")
        return self.stack.pop()

    def to_mark(self):
        for i in range(len(self.stack) - 1, -1, -1):
            if self.stack[i] is _MARK:
                values = self.stack[i + 1:]
                del self.stack[i:]
                return values
        self.fail("takes values where no list begins; it is no pickle")

    def top(self, kind):
        if not self.stack or not isinstance(self.stack[-1], kind):
            self.fail(f"adds to what is no {kind.__name__}; it is no pickle of plain values")
        return self.stack[-1]

    def set_items(self, target, values):
        if len(values) % 2:
            self.fail("a key without a value; it is no pickle")
        for key, value in zip(values[::2], values[1::2]):
            if not isinstance(key, (str, int, float, bytes, type(None))):
                self.fail(f"a key that is a {type(key).__name__}; keys are texts and numbers")
            target[key] = value

    def get(self, index):
        if index not in self.memo:
            self.fail(f"names value {index}, which it did not keep; it is no pickle")
        self.stack.append(self.memo[index])

    def put(self, index):
        if not self.stack or self.stack[-1] is _MARK:
            self.fail("keeps a value where none is; it is no pickle")
        self.memo[index] = self.stack[-1]

    def sized(self, code):
        content = self.take(self.unpack(_LENGTHS[code]))
        if code in _TEXTS:
            return content.decode("utf-8", "surrogatepass")
        return int.from_bytes(content, "little", signed=True) if code in _LONGS else content

    def number_line(self):
        text = self.line().rstrip(b"L")
        return {b"00": False, b"01": True}.get(text) if text in (b"00", b"01") else int(text)

    def text_line(self, code):
        text = self.line()
        return text.decode("raw-unicode-escape") if code == b"V" else text.strip(b"'\"").decode("ascii")

    def push(self, code):
        """Values that stand by themselves; whether it was one."""
        if code in _CONSTANTS:
            self.stack.append(_CONSTANTS[code])
        elif code in _NUMBERS:
            self.stack.append(self.unpack(_NUMBERS[code]))
        elif code in _LENGTHS:
            self.stack.append(self.sized(code))
        elif code in (b"I", b"L"):
            self.stack.append(self.number_line())
        elif code == b"F":
            self.stack.append(float(self.line()))
        elif code in (b"V", b"S"):
            self.stack.append(self.text_line(code))
        elif code in (b"}", b"]", b")"):
            self.stack.append({b"}": dict, b"]": list, b")": tuple}[code]())
        else:
            return False
        return True

    def gather(self, code):
        """Containers, made of what came before; whether it was one."""
        if code == b"(":
            self.stack.append(_MARK)
        elif code in _TUPLES:
            values = [self.pop() for _ in range(_TUPLES[code])]
            self.stack.append(tuple(reversed(values)))
        elif code in (b"t", b"l"):
            self.stack.append((tuple if code == b"t" else list)(self.to_mark()))
        elif code == b"d":
            values, made = self.to_mark(), {}
            self.set_items(made, values)
            self.stack.append(made)
        elif code in (b"a", b"e"):
            values = [self.pop()] if code == b"a" else self.to_mark()
            self.top(list).extend(values)
        elif code in (b"s", b"u"):
            values = [self.pop(), self.pop()][::-1] if code == b"s" else self.to_mark()
            self.set_items(self.top(dict), values)
        else:
            return False
        return True

    def remember(self, code):
        """The memo, and what moves values about; whether it was that."""
        if code in _GETS:
            self.get(self.unpack(_GETS[code]))
        elif code in _PUTS:
            self.put(self.unpack(_PUTS[code]))
        elif code == b"g":
            self.get(int(self.line()))
        elif code == b"p":
            self.put(int(self.line()))
        elif code == b"\x94":
            self.put(len(self.memo))
        elif code == b"0":
            self.stack.pop() if self.stack else self.fail("drops a value where none is; it is no pickle")
        elif code == b"1":
            self.to_mark()
        elif code == b"2":
            self.stack.append(self.top(object))
        else:
            return False
        return True

    def run(self):
        while True:
            code = bytes(self.take(1))
            if code == b".":
                return self.pop()
            if code == b"\x80":
                if self.unpack("<B") > 5:
                    self.fail("a pickle of a protocol above 5; write it with protocol 5")
            elif code == b"\x95":
                self.take(8)  # the length of a frame: the bytes follow as they are
            elif code in _REFUSED:
                self.fail(f"asks to make an object or call something ({_REFUSED[code]}), and holds more than plain values; nothing was called")
            elif not (self.push(code) or self.gather(code) or self.remember(code)):
                self.fail(f"{code!r} is no opcode of plain values; it is no pickle of them")


def loads(data):
    """The value of a pickle. Raises PickleError for whatever is none of plain values."""
    machine = _Machine(data)
    try:
        return machine.run()
    except (ValueError, OverflowError, MemoryError, struct.error) as error:
        if isinstance(error, PickleError):
            raise
        machine.fail(f"{type(error).__name__.lower()} in a value; it is no pickle of plain values")
