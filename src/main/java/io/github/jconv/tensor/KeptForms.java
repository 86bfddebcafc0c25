package io.github.jconv.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * What has been made of the values of a constant tensor, by name, as long as the tensor lives. When the values change, the arrays stay and
 * are filled again at their next use. Safe for use from several threads: who finds a form not current makes it, and two that do so at
 * once write the same values.
 */
public final class KeptForms {

    private static final boolean CHECKED = Boolean.getBoolean("jconv.checkConstants");

    private final HostTensor tensor;
    private final List<Form> forms = new ArrayList<>();

    KeptForms(HostTensor tensor) {
        this.tensor = tensor;
    }

    /** The form of that name with that many elements; a new one is not current. */
    public synchronized Form named(String name, int length) {
        for (int i = 0; i < forms.size(); i++) {
            if (forms.get(i).name.equals(name)) {
                return forms.get(i);
            }
        }
        Form form = new Form(name, length);
        forms.add(form);
        return form;
    }

    synchronized void outdate() {
        for (int i = 0; i < forms.size(); i++) {
            forms.get(i).current = false;
        }
    }

    private int fingerprint() {
        int hash = 0;
        for (int i = 0; i < tensor.length(); i++) {
            hash = 31 * hash + Double.hashCode(tensor.get(i));
        }
        return hash;
    }

    /** One of the forms. */
    public final class Form {

        private final String name;
        private final float[] values;
        private volatile boolean current;
        private int fingerprint;

        private Form(String name, int length) {
            this.name = name;
            this.values = new float[length];
        }

        /** Its elements; who makes the form writes them and then calls {@link #made}. */
        public float[] values() {
            return values;
        }

        /**
         * Whether the elements have been made of the tensor's present values.
         *
         * @throws IllegalStateException with {@code -Djconv.checkConstants=true}, when the tensor's array was written to since without a
         *                               call of {@link HostTensor#changed()}
         */
        public boolean isCurrent() {
            if (CHECKED && current && fingerprint != fingerprint()) {
                throw new IllegalStateException("the values of the constant tensor " + tensor + " have changed since its form '" + name
                        + "' was made; call changed() after writing to its array");
            }
            return current;
        }

        public void made() {
            fingerprint = CHECKED ? fingerprint() : 0;
            current = true;
        }
    }
}
