package io.github.jconv.nn.models;

import io.github.jconv.nn.Conv;
import io.github.jconv.nn.Layer;
import io.github.jconv.nn.Network;
import io.github.jconv.nn.Sequential;
import io.github.jconv.nn.SideHead;
import io.github.jconv.tensor.TensorShape;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * The rows of Table 1 of the GoogLeNet paper (Szegedy et al., CVPR 2015) that have parameters, with what a network built here has. The
 * paper prints parameters in units of 1024, biases left out, and multiplications in millions, rounded now up, now down; the figures of
 * its 4a, 5a and a few others do not follow from the widths in their own rows.
 */
public final class GoogLeNetTable {

    /**
     * @param output          of one image
     * @param weights         numbers in the filters
     * @param macs            multiply-adds of one image's forward pass
     * @param paperParameters as printed; empty for what is not in the table
     * @param paperOperations as printed; empty for what is not in the table
     */
    public record Row(String name, TensorShape output, long weights, long macs, String paperParameters, String paperOperations) {
    }

    private static final String[][] PAPER = {
        {"convolution 7x7/2", "2.7K", "34M"}, {"convolution 3x3/1", "112K", "360M"}, {"inception 3a", "159K", "128M"},
        {"inception 3b", "380K", "304M"}, {"inception 4a", "364K", "73M"}, {"inception 4b", "437K", "88M"},
        {"inception 4c", "463K", "100M"}, {"inception 4d", "580K", "119M"}, {"inception 4e", "840K", "170M"},
        {"inception 5a", "1072K", "54M"}, {"inception 5b", "1388K", "71M"}, {"linear", "1000K", "1M"}};

    private GoogLeNetTable() {
    }

    /** The rows of a network with the layers of {@link Models#googLeNetLayers}, the auxiliary classifiers where they leave it. */
    public static List<Row> of(Network network) {
        List<Row> rows = new ArrayList<>();
        List<Layer> weighted = network.root().children().stream()
                .filter(layer -> layer instanceof Conv || layer instanceof Sequential || layer instanceof SideHead).toList();
        int paper = 0;
        for (Iterator<Layer> layers = weighted.iterator(); layers.hasNext();) {
            Layer layer = layers.next();
            if (layer instanceof SideHead) {
                rows.add(row(new String[] {"auxiliary classifier", "", ""}, List.of(layer)));
            } else {
                // The paper counts the 1x1 reduction in front of the second convolution with it.
                rows.add(row(PAPER[paper], paper == 1 ? List.of(layer, layers.next()) : List.of(layer)));
                paper++;
            }
        }
        return rows;
    }

    private static Row row(String[] paper, List<Layer> layers) {
        long weights = layers.stream().flatMap(layer -> layer.parameters().stream()).filter(parameter -> parameter.decays())
                .mapToLong(parameter -> parameter.value().shape().elements()).sum();
        Layer last = layers.get(layers.size() - 1);
        return new Row(paper[0], last.outputShape(), weights, layers.stream().mapToLong(Layer::macsPerImage).sum(), paper[1], paper[2]);
    }
}
