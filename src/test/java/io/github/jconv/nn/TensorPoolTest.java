package io.github.jconv.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.jconv.tensor.HostTensor;
import io.github.jconv.tensor.Tensor;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The memory that activations and gradients share. */
class TensorPoolTest {

    private final List<Long> made = new ArrayList<>();
    private final TensorPool pool = new TensorPool(shape -> {
        made.add(shape.elements());
        return HostTensor.zeros(shape);
    });

    /** Whatever is borrowed and given back in whatever order, what is lent keeps its values, before and after the memory is laid out. */
    @Test
    void nothingThatIsLentLiesWhereSomethingElseIs() {
        for (int seed = 0; seed < 4; seed++) {
            runSteps(new SplittableRandom(seed), 400);
            assertTrue(pool.settle() || seed > 0);
            assertFalse(pool.settle(), "a second time there is nothing to do");
        }
    }

    private void runSteps(SplittableRandom random, int steps) {
        List<HostTensor> lent = new ArrayList<>();
        List<Float> values = new ArrayList<>();
        for (int i = 0; i < steps || !lent.isEmpty(); i++) {
            if (i < steps && random.nextInt(5) < 3 && lent.size() < 40) {
                HostTensor tensor = (HostTensor) pool.borrow(TensorShape.of(random.nextInt(1, 4), random.nextInt(0, 200)));
                lent.add(tensor);
                values.add((float) i);
                tensor.fill(i);
            } else if (!lent.isEmpty()) {
                int which = random.nextInt(lent.size());
                HostTensor tensor = lent.remove(which);
                float value = values.remove(which);
                for (int j = 0; j < tensor.length(); j++) {
                    assertEquals(value, tensor.get(j), "element " + j + " of " + tensor);
                }
                pool.giveBack(tensor);
            }
        }
    }

    /** Three activations, and on the way back gradients of their sizes: one piece for the activations and the first of the gradients. */
    @Test
    void gradientsLieWhereActivationsWere() {
        List<Tensor> first = step();
        assertEquals(6, made.size(), "pieces of the first step: the last gradient fits into none of the others");
        assertTrue(pool.settle());
        assertEquals(4 * (640 + 320 + 64 + 64 + 64), pool.bytes());
        List<Tensor> second = step();
        assertEquals(6 + 1, made.size());
        assertFalse(pool.settle());
        List<Tensor> third = step();
        for (int i = 0; i < second.size(); i++) {
            assertSame(second.get(i), third.get(i), "the same memory, and no new object, in every step");
            assertFalse(first.contains(third.get(i)), "what lay in the first pieces");
        }
    }

    private List<Tensor> step() {
        Tensor a = pool.borrow(TensorShape.of(640));
        Tensor b = pool.borrow(TensorShape.of(320));
        Tensor c = pool.borrow(TensorShape.of(64));
        Tensor dc = pool.borrow(TensorShape.of(64));
        Tensor db = pool.borrow(TensorShape.of(1));
        pool.giveBack(dc);
        pool.giveBack(c);
        pool.giveBack(b);
        Tensor da = pool.borrow(TensorShape.of(400));
        pool.giveBack(db);
        pool.giveBack(da);
        pool.giveBack(a);
        pool.giveBack(a);
        return List.of(a, b, c, dc, db, da);
    }

    @Test
    void memoryIsNotLaidOutWhileSomethingIsLent() {
        Tensor a = pool.borrow(TensorShape.of(5));
        Tensor b = pool.borrow(TensorShape.of(500));
        assertFalse(pool.settle());
        pool.giveBack(a);
        assertFalse(pool.settle());
        pool.giveBack(b);
        assertTrue(pool.settle());
    }
}
