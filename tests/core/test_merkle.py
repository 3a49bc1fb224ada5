"""The tree of the log: the published figures, an oracle, and what no proof may get away with."""

from __future__ import annotations

import pymerkle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.merkle import (
    EMPTY,
    Frontier,
    consistency_by,
    consistency_proof,
    inclusion_by,
    inclusion_proof,
    leaf_hash,
    nodes_of,
    root,
    root_by,
    verify_consistency,
    verify_inclusion,
)
from tests.core import refused_proofs
from tests.core.published import CONSISTENCY, INCLUSION, INPUTS, LEAVES, ROOTS

REFUSED_INCLUSION = list(refused_proofs.inclusion())
REFUSED_CONSISTENCY = list(refused_proofs.consistency())

DATA = st.lists(st.binary(max_size=40), min_size=1, max_size=70)


@pytest.mark.parametrize("size", ROOTS)
def test_the_roots_are_the_published_ones(size: int) -> None:
    assert root(LEAVES[:size]) == ROOTS[size]
    assert Frontier().grown(LEAVES[:size]).root == ROOTS[size]


@pytest.mark.parametrize(("index", "size"), INCLUSION)
def test_the_inclusion_proofs_are_the_published_ones(index: int, size: int) -> None:
    proof = INCLUSION[index, size]
    assert inclusion_proof(LEAVES[:size], index) == proof
    assert verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


@pytest.mark.parametrize(("first", "second"), CONSISTENCY)
def test_the_consistency_proofs_are_the_published_ones(first: int, second: int) -> None:
    proof = CONSISTENCY[first, second]
    assert consistency_proof(LEAVES[:second], first) == proof
    assert verify_consistency(first, ROOTS[first], second, ROOTS[second], proof)


def test_no_fewer_than_150_spoilt_proofs_are_tried() -> None:
    # 768 as of now, 377 of inclusion and 391 of consistency; nobody may thin them out unseen.
    for table in (REFUSED_INCLUSION, REFUSED_CONSISTENCY):
        assert len({name for name, _ in table}) == len(table) >= 350


@pytest.mark.parametrize("spoilt", REFUSED_INCLUSION, ids=lambda s: s[0])
def test_a_spoilt_inclusion_proof_is_refused(spoilt: refused_proofs.Spoilt) -> None:
    assert verify_inclusion(*spoilt[1]) is False


@pytest.mark.parametrize("spoilt", REFUSED_CONSISTENCY, ids=lambda s: s[0])
def test_a_spoilt_consistency_proof_is_refused(spoilt: refused_proofs.Spoilt) -> None:
    assert verify_consistency(*spoilt[1]) is False


def test_a_proof_alone_does_not_tell_sizes_of_one_shape_apart() -> None:
    # Therefore size and root are only ever taken together, from a signed checkpoint.
    proof = INCLUSION[0, 8]
    assert all(verify_inclusion(LEAVES[0], 0, size, proof, ROOTS[8]) for size in (5, 6, 7, 8))
    assert not any(verify_inclusion(LEAVES[0], 0, size, proof, ROOTS[8]) for size in (4, 9))


def test_whoever_asks_for_a_proof_of_nothing_is_told() -> None:
    for index in (-1, 8, True):
        with pytest.raises(ValueError, match="there is no leaf"):
            inclusion_proof(LEAVES, index)
    for size in (-1, 9, True):
        with pytest.raises(ValueError, match="beginning"):
            consistency_proof(LEAVES, size)
    with pytest.raises(ValueError, match="32 bytes"):
        root([bytes(31)])
    with pytest.raises(ValueError, match="no frontier"):
        Frontier.read(3, bytes(32))


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    assert root([]) == EMPTY
    assert consistency_proof(LEAVES, 0) == []
    assert verify_consistency(0, EMPTY, 8, ROOTS[8], [])
    assert verify_consistency(0, EMPTY, 0, EMPTY, [])


@given(DATA)
def test_every_proof_of_a_tree_holds(data: list[bytes]) -> None:
    leaves = [leaf_hash(one) for one in data]
    top, nodes = root(leaves), nodes_of(leaves)
    for index, leaf in enumerate(leaves):
        assert verify_inclusion(leaf, index, len(leaves), inclusion_proof(leaves, index), top)
    for size in range(len(leaves) + 1):
        early = root(leaves[:size])
        assert root_by(nodes, size) == early
        proof = consistency_by(nodes, size, len(leaves))
        assert verify_consistency(size, early, len(leaves), top, proof)


@given(DATA, st.data())
def test_an_earlier_tree_is_read_from_the_nodes_of_a_later_one(
    data: list[bytes], draw: st.DataObject
) -> None:
    leaves = [leaf_hash(one) for one in data]
    size = draw.draw(st.integers(1, len(leaves)))
    index = draw.draw(st.integers(0, size - 1))
    assert inclusion_by(nodes_of(leaves), index, size) == inclusion_proof(leaves[:size], index)


@given(DATA, st.lists(st.integers(0, 70), max_size=5))
def test_a_tree_grows_to_the_same_root_however_it_is_cut(
    data: list[bytes], cuts: list[int]
) -> None:
    leaves, tree, done = [leaf_hash(one) for one in data], Frontier(), 0
    for cut in sorted(min(cut, len(leaves)) for cut in (*cuts, len(leaves))):
        tree = Frontier.read(tree.size, tree.stored).grown(leaves[done:cut])
        done = cut
    assert (tree.size, tree.root) == (len(leaves), root(leaves))


@given(DATA, st.data())
def test_an_independent_implementation_finds_the_same(
    data: list[bytes], draw: st.DataObject
) -> None:
    # pymerkle counts leaves from 1, puts the leaf itself first, and cuts its consistency proofs
    # in another way: of these each side verifies with the roots of the other.
    theirs, leaves = pymerkle.InmemoryTree(algorithm="sha256"), [leaf_hash(one) for one in data]
    for one in data:
        theirs.append_entry(one)
    first, index = (draw.draw(st.integers(low, len(leaves) - 1 + low)) for low in (1, 0))
    before, top = root(leaves[:first]), root(leaves)
    assert (theirs.get_root(first), theirs.get_root()) == (before, top)
    found = theirs.prove_inclusion(index + 1, len(leaves))
    pymerkle.verify_inclusion(leaves[index], top, found)
    assert found.path == [leaves[index], *inclusion_proof(leaves, index)]
    pymerkle.verify_consistency(before, top, theirs.prove_consistency(first, len(leaves)))
    assert verify_consistency(
        first,
        theirs.get_root(first),
        len(leaves),
        theirs.get_root(),
        consistency_proof(leaves, first),
    )


@given(DATA, st.data())
def test_a_tampered_inclusion_proof_is_refused(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n]) + one) for n, one in enumerate(data)]
    index = draw.draw(st.integers(0, len(leaves) - 1))
    whole = [leaves[index], root(leaves), *inclusion_proof(leaves, index)]
    leaf, top, *proof = _with_a_bit_flipped(whole, draw)
    assert not verify_inclusion(leaf, index, len(leaves), proof, top)


@given(DATA.filter(lambda data: len(data) > 1), st.data())
def test_a_tampered_consistency_proof_is_refused(data: list[bytes], draw: st.DataObject) -> None:
    leaves = [leaf_hash(bytes([n]) + one) for n, one in enumerate(data)]
    size = draw.draw(st.integers(1, len(leaves) - 1))
    whole = [root(leaves[:size]), root(leaves), *consistency_proof(leaves, size)]
    first, second, *proof = _with_a_bit_flipped(whole, draw)
    assert not verify_consistency(size, first, len(leaves), second, proof)


@given(DATA, st.data())
def test_a_history_that_was_rewritten_is_not_the_beginning(
    data: list[bytes], draw: st.DataObject
) -> None:
    before = [leaf_hash(bytes([n]) + one) for n, one in enumerate(data)]
    after = [*before, leaf_hash(b"later")]
    place = draw.draw(st.integers(0, len(before) - 1))
    after[place] = leaf_hash(b"another")
    size = len(before)
    proof = consistency_proof(after, size)
    assert not verify_consistency(size, root(before), len(after), root(after), proof)


@given(
    st.lists(st.binary(max_size=40) | st.binary(min_size=32, max_size=32), max_size=8),
    st.integers(-3, 2**70),
    st.integers(-3, 2**70),
)
def test_no_made_up_proof_gets_through_or_breaks_anything(
    proof: list[bytes], first: int, second: int
) -> None:
    assert not verify_inclusion(LEAVES[0], first, second + 1, [*proof, bytes(32)], ROOTS[8])
    assert not verify_consistency(first, ROOTS[3], second, ROOTS[8], [*proof, bytes(32)])


def _with_a_bit_flipped(hashes: list[bytes], draw: st.DataObject) -> list[bytes]:
    which = draw.draw(st.integers(0, len(hashes) - 1))
    bit = draw.draw(st.integers(0, 255))
    number = int.from_bytes(hashes[which]) ^ (1 << bit)
    return [*hashes[:which], number.to_bytes(32), *hashes[which + 1 :]]


def test_the_published_leaves_are_hashed_with_their_mark() -> None:
    assert leaf_hash(INPUTS[0]) == ROOTS[1]
