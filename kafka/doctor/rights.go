package doctor

import (
	"fmt"
	"slices"
	"strings"

	"lagtop/kafka"
	"lagtop/kafka/conn"
	"lagtop/kafka/human"
	"lagtop/kafka/safe"
)

// need is a right, what it is for, and what is so without it.
type need struct {
	what    string
	op      conn.Operation
	without string
}

var (
	clusterNeeds = []need{
		{"all groups", conn.OpDescribe, "only groups that we may DESCRIBE are listed; disks of brokers and the quorum are not shown"},
		{"broker settings", conn.OpDescribeConfigs, "settings of brokers are not shown; how long commits are kept is not known"},
		{"elect leaders", conn.OpAlter, "E is refused"},
	}
	topicNeeds = []need{
		{"records", conn.OpRead, "there is no tail, no exact age and no open transaction of those topics, and offsets cannot be reset there"},
		{"topic settings", conn.OpDescribeConfigs, "retention and other settings of those topics are not known"},
		{"change retention", conn.OpAlterConfigs, "C is refused there"},
	}
	groupNeeds = []need{
		{"groups", conn.OpDescribe, "members, commits and lag of those groups are not shown"},
		{"act on groups", conn.OpRead, "o, r and x are refused there: no reset, no rebalance, no kick"},
		{"delete groups", conn.OpDelete, "D is refused there"},
	}
	logNeed = need{"rebalance log", conn.OpRead, "the timeline is made of polls alone: short rebalances are missed"}
)

var opNames = map[conn.Operation]string{
	conn.OpRead: "READ", conn.OpDelete: "DELETE", conn.OpAlter: "ALTER", conn.OpDescribe: "DESCRIBE",
	conn.OpDescribeConfigs: "DESCRIBE_CONFIGS", conn.OpAlterConfigs: "ALTER_CONFIGS",
}

// opWords are the operations as kafka-acls.sh takes them.
var opWords = map[conn.Operation]string{
	conn.OpRead: "Read", conn.OpDelete: "Delete", conn.OpAlter: "Alter", conn.OpDescribe: "Describe",
	conn.OpDescribeConfigs: "DescribeConfigs", conn.OpAlterConfigs: "AlterConfigs",
}

// rights says of each right what it is for, where we have it, and what is so where we do not.
func rights(e *Evidence) Part {
	p := Part{Title: "rights"}
	if e.Principal != "" {
		p.Title += " of " + e.Principal
	}
	r := e.Rights
	for _, n := range clusterNeeds {
		ops := r.Cluster
		if n.op == conn.OpAlter && r.Tried && ops.V.Has(conn.OpDescribe) {
			ops = kafka.Known[conn.Operations]{}
		}
		p.Lines = append(p.Lines, e.onCluster(n, ops))
	}
	topics, log := map[string]kafka.Known[conn.Operations]{}, map[string]kafka.Known[conn.Operations]{}
	for name, ops := range r.Topics {
		switch {
		case name == kafka.GroupLog:
			log[name] = ops
		case !strings.HasPrefix(name, "__"):
			topics[name] = ops
		}
	}
	if len(topics) == 0 {
		p.Lines = append(p.Lines, Line{What: "topics", Outcome: Missing, Facts: []string{"none is visible: there is none, or we lack DESCRIBE on topics"}, Try: e.grant(conn.OpDescribe, "--topic '*'")})
	}
	for _, n := range topicNeeds {
		p.Lines = append(p.Lines, e.onEach(n, "topic", topics)...)
	}
	if len(log) == 0 {
		log[kafka.GroupLog] = kafka.Some(conn.Operations(0))
	}
	p.Lines = append(p.Lines, e.onEach(logNeed, "topic", log)...)
	if len(r.Groups) == 0 && r.Others == 0 {
		p.Lines = append(p.Lines, Line{What: "groups", Outcome: Missing, Facts: []string{"none is visible: there is none, or we lack DESCRIBE on groups"}, Try: e.grant(conn.OpDescribe, "--group '*'")})
	}
	for _, n := range groupNeeds {
		p.Lines = append(p.Lines, e.onEach(n, "group", r.Groups)...)
	}
	for _, err := range r.Errs {
		p.Lines = append(p.Lines, Line{What: "not asked", Outcome: Failed, Facts: []string{err.Error()}, Try: conn.Advice(err)})
	}
	return p
}

func (e *Evidence) onCluster(n need, ops kafka.Known[conn.Operations]) Line {
	right := opNames[n.op] + " on the cluster"
	switch {
	case !ops.OK:
		return Line{What: n.what, Outcome: Missing, Facts: []string{right + ": this broker does not tell"}}
	case ops.V.Has(n.op):
		return Line{What: n.what, Outcome: OK, Facts: []string{right}}
	}
	return Line{What: n.what, Outcome: Missing, Facts: []string{"no " + right, n.without}, Try: e.grant(n.op, "--cluster")}
}

// onEach counts the objects of a kind where we have the right. Nothing is said where there are none.
func (e *Evidence) onEach(n need, kind string, on map[string]kafka.Known[conn.Operations]) []Line {
	var lack []string
	have, silent := 0, 0
	for name, ops := range on {
		switch {
		case !ops.OK:
			silent++
		case ops.V.Has(n.op):
			have++
		default:
			lack = append(lack, name)
		}
	}
	all := len(on) - silent
	right := opNames[n.op] + " on "
	if all == 0 {
		if silent == 0 {
			return nil
		}
		return []Line{{What: n.what, Outcome: Missing, Facts: []string{right + kind + "s: this broker does not tell"}}}
	}
	if len(lack) == 0 {
		return []Line{{What: n.what, Outcome: OK, Facts: []string{right + each(have, kind, on)}}}
	}
	slices.Sort(lack)
	fact := fmt.Sprintf("%s%d of %s, not on %s", right, have, human.Plural(all, kind), some(lack))
	if all == 1 {
		fact = "no " + right + kind + " " + lack[0]
	}
	return []Line{{What: n.what, Outcome: Missing, Facts: []string{fact, n.without}, Try: e.grant(n.op, "--"+kind+" "+safe.Quote(lack[0]))}}
}

// each words what all objects of a kind are.
func each(n int, kind string, on map[string]kafka.Known[conn.Operations]) string {
	if n == 1 {
		for name := range on {
			return kind + " " + name
		}
	}
	return "all " + human.Plural(n, "visible "+kind)
}

// some names the first of many.
func some(names []string) string {
	const most = 3
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

// grant is the command by which an administrator gives the right.
func (e *Evidence) grant(op conn.Operation, on string) string {
	who := e.Principal
	if who == "" {
		who = "User:YOU"
	}
	return fmt.Sprintf("kafka-acls.sh --bootstrap-server %s --add --allow-principal %s --operation %s %s", e.Bootstrap, safe.Quote(who), opWords[op], on)
}
