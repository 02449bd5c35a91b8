"""How a graph multiplies: with floating-point weights, or with int8 weights on a CPU."""

from onnx import TensorProto
from sidemand.embedding.building.graph import FUSED, Nodes
from sidemand.embedding.building.weights import LOOKING, WORDS, bias, scale, weight


class FloatProducts:
    """Weights in the precision of the graph, outputs × inputs as they are published."""

    def words(self, nodes: Nodes) -> str:
        """A row for each token."""
        return nodes.add("Gather", WORDS, "input_ids")

    def looking(self, nodes: Nodes, layer: str, hidden: str) -> tuple[str, str, str]:
        """Query, key and value, each with its bias."""
        query, key, value = (
            nodes.add("Gemm", hidden, weight(part), bias(part), transB=1)
            for part in (f"{layer}.attention.self.{each}" for each in LOOKING)
        )
        return query, key, value

    def dense(self, nodes: Nodes, part: str, read: str) -> str:
        """The product, to which whatever follows adds the bias."""
        return nodes.add("Gemm", read, weight(part), transB=1)


class Int8Products:
    """Weights as int8, inputs × outputs, with a scale for each output; inputs as they come.

    The operator measures its input's range in each run. So a text's vector depends a little, in
    the third decimal, on the texts beside it.
    """

    def words(self, nodes: Nodes) -> str:
        """A row for each token, in float32."""
        small = nodes.add("Cast", nodes.add("Gather", WORDS, "input_ids"), to=TensorProto.FLOAT)
        return nodes.add("Mul", small, nodes.add("Gather", scale(WORDS), "input_ids"))

    def looking(self, nodes: Nodes, layer: str, hidden: str) -> tuple[str, str, str]:
        """Query, key and value by one product, so that the input is measured once."""
        part = f"{layer}.attention.self"
        together = self._product(nodes, part, hidden, "", bias(part))
        query, key, value = nodes.add_several("Split", 3, together, axis=1, num_outputs=3)
        return query, key, value

    def dense(self, nodes: Nodes, part: str, read: str) -> str:
        """The product, to which whatever follows adds the bias."""
        return self._product(nodes, part, read)

    def _product(self, nodes: Nodes, part: str, read: str, *more: str) -> str:
        inputs = (read, weight(part), scale(part), *more)
        return nodes.add("DynamicQuantizeMatMul", *inputs, domain=FUSED)
