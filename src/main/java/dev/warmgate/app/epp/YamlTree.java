package dev.warmgate.app.epp;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;

/**
 * Makes a {@link Tree} of YAML text as Kubernetes' reader does: anchors, aliases and merge keys are followed, scalars are
 * read as {@link YamlScalars} says. Used once, by one thread.
 */
final class YamlTree {
    private static final String MERGE = "<<";

    /** A value, and how many values it has within, itself included. */
    private record Sized(Tree tree, long values) {}

    private final Problems problems;
    private final Iterator<Event> events;
    private final Map<String, Sized> anchors = new HashMap<>();
    private long values;

    YamlTree(String text, Problems problems) {
        this.problems = problems;
        this.events =
                new Parse(LoadSettings.builder().build()).parseString(text).iterator();
    }

    /** Returns the value of the only document, or null if there is none, which is then among the problems. */
    @Nullable
    Tree read() throws TreeLimits.Exceeded {
        Tree root = null;
        while (events.hasNext()) {
            var event = events.next();
            switch (event.getEventId()) {
                case StreamStart, StreamEnd, DocumentEnd, Comment -> {}
                case DocumentStart -> {
                    if (root != null) {
                        problems.add(line(event), "", "a second document begins here (expected: one document)");
                        return null;
                    }
                }
                case Alias, Scalar, SequenceStart, SequenceEnd, MappingStart, MappingEnd -> root = value(event, 1);
            }
        }
        if (root == null || root instanceof Tree.Null) {
            problems.add(root == null ? 1 : root.line(), "", "empty (expected: kind: EndpointPickerConfig)");
            return null;
        }
        return root;
    }

    private Tree value(Event event, int depth) throws TreeLimits.Exceeded {
        int line = line(event);
        TreeLimits.checkDepth(depth, line);
        TreeLimits.checkValues(++values, line);
        if (event instanceof AliasEvent alias) {
            var known = anchors.get(alias.getAlias().getValue());
            if (known == null) {
                // go-yaml refuses an alias to what is not complete, too.
                problems.add(line, "", "unknown anchor *" + alias.getAlias().getValue());
                return new Tree.Null(line);
            }
            values += known.values;
            TreeLimits.checkValues(values, line);
            return known.tree;
        }
        long before = values - 1;
        var tree = switch (event.getEventId()) {
            case Scalar -> YamlScalars.read((ScalarEvent) event, line, problems);
            case SequenceStart -> items(line, depth);
            case MappingStart -> fields(line, depth);
            case Alias, Comment, DocumentEnd, DocumentStart, MappingEnd, SequenceEnd, StreamEnd, StreamStart ->
                throw new IllegalStateException(event.getEventId() + " where a value was expected");
        };
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            anchors.put(node.getAnchor().get().getValue(), new Sized(tree, values - before));
        }
        return tree;
    }

    private Tree items(int line, int depth) throws TreeLimits.Exceeded {
        var items = new ArrayList<Tree>();
        for (var next = events.next(); next.getEventId() != Event.ID.SequenceEnd; next = events.next()) {
            items.add(value(next, depth + 1));
        }
        return new Tree.Items(line, items);
    }

    private Tree fields(int line, int depth) throws TreeLimits.Exceeded {
        var fields = new ArrayList<Tree.Field>();
        var merged = new ArrayList<Tree>();
        for (var next = events.next(); next.getEventId() != Event.ID.MappingEnd; next = events.next()) {
            int keyLine = line(next);
            if (!(next instanceof ScalarEvent key)) {
                throw new TreeLimits.Exceeded(keyLine, "a key that is not a text (expected: a name)");
            }
            var value = value(events.next(), depth + 1);
            if (key.isPlain() && key.getValue().equals(MERGE)) {
                merged.add(value);
            } else {
                fields.add(new Tree.Field(keyLine, key.getValue(), value));
            }
        }
        merged.forEach(value -> merge(fields, value));
        return new Tree.Fields(line, fields);
    }

    /** Adds the fields of what a merge key names, unless they are there. */
    private void merge(List<Tree.Field> fields, Tree value) {
        switch (value) {
            case Tree.Fields more -> {
                var names = new HashSet<String>();
                fields.forEach(field -> names.add(field.name()));
                more.fields().stream().filter(f -> !names.contains(f.name())).forEach(fields::add);
            }
            case Tree.Items items -> items.items().forEach(item -> merge(fields, item));
            case Tree.Text _, Tree.Numeral _, Tree.Bool _, Tree.Null _ ->
                problems.add(value.line(), MERGE, "merges what has no fields (expected: an alias of an object)");
        }
    }

    private static int line(Event event) {
        return event.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    }
}
