package demo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"lagtop/kafka/conn"
	"lagtop/kafka/wait"
)

// Prefix begins the name of everything that a demo makes on a cluster that is not its own; after it come the
// run's id and a dash.
const Prefix = "lagtop-demo-"

// cleanWithin bounds the removal of a run: members that said nothing are lost with their session, 45 s by default.
const cleanWithin = 90 * time.Second

// Connect starts the fleet on a cluster that exists, under names that no other run has. Close removes them.
// o.Brokers does not count.
func Connect(ctx context.Context, cfg conn.Config, o Options) (*Demo, error) {
	if cfg.ReadOnly {
		return nil, fmt.Errorf("start the demo: %w", conn.ErrReadOnly)
	}
	d := newDemo(ctx, o)
	d.prefix = Prefix + newRun(time.Now()) + "-"
	d.bootstrap, d.login, d.dial = cfg.Bootstrap, cfg.Login(), cfg.Dial
	d.remove = func(ctx context.Context) error { return Clean(ctx, cfg, d.RunID()) }
	if err := d.run(); err != nil {
		return nil, errors.Join(fmt.Errorf("start the demo: %w", err), d.Close())
	}
	return d, nil
}

// RunID is the id of this run in the names on the cluster; empty on the embedded one.
func (d *Demo) RunID() string {
	return strings.TrimSuffix(strings.TrimPrefix(d.prefix, Prefix), "-")
}

// newRun is the start in seconds, in base 36, and something that no other has that starts in the same second.
func newRun(now time.Time) string {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails
	return strconv.FormatInt(now.Unix(), 36) + hex.EncodeToString(b[:])
}

// startOf is when a run began; it reports false for a name that is none of ours.
func startOf(run string) (time.Time, bool) {
	const random = 4
	if len(run) <= random {
		return time.Time{}, false
	}
	s, err := strconv.ParseInt(run[:len(run)-random], 36, 64)
	_, bad := hex.DecodeString(run[len(run)-random:])
	return time.Unix(s, 0), err == nil && bad == nil && s > 1<<30
}

// Run is what is left of a demo on a cluster, or one that runs.
type Run struct {
	ID      string
	Began   time.Time
	Topics  []string
	Groups  []string
	Members int // in its groups: it runs, or ended less than a session timeout ago
}

// Runs are the demos on a cluster, the oldest first.
func Runs(ctx context.Context, cfg conn.Config) ([]Run, error) {
	admin, err := openAdmin(cfg)
	if err != nil {
		return nil, err
	}
	defer admin.Close()
	return runsOf(ctx, admin.Client)
}

func openAdmin(cfg conn.Config) (*cleaner, error) {
	cl, err := kgo.NewClient(append([]kgo.Opt{
		kgo.SeedBrokers(cfg.Bootstrap...), kgo.Dialer(cfg.Dial), kgo.ClientID("lagtop-demo-clean"),
		kgo.RetryTimeout(2 * answerWithin), kgo.DisableClientMetrics(),
	}, cfg.Login()...)...)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", strings.Join(cfg.Bootstrap, ","), err)
	}
	return &cleaner{kadm.NewClient(cl), cl}, nil
}

// cleaner is a client that only looks and removes.
type cleaner struct {
	*kadm.Client
	cl *kgo.Client
}

func runsOf(ctx context.Context, admin *kadm.Client) ([]Run, error) {
	topics, err := admin.ListTopics(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the topics: %w", err)
	}
	groups, err := admin.ListGroups(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the groups: %w", err)
	}
	byID := map[string]*Run{}
	of := func(name string) *Run {
		rest, ours := strings.CutPrefix(name, Prefix)
		id, _, named := strings.Cut(rest, "-")
		began, ok := startOf(id)
		if !ours || !named || !ok {
			return nil
		}
		if byID[id] == nil {
			byID[id] = &Run{ID: id, Began: began}
		}
		return byID[id]
	}
	for _, t := range topics.Names() {
		if r := of(t); r != nil {
			r.Topics = append(r.Topics, t)
		}
	}
	for _, g := range groups.Groups() {
		if r := of(g); r != nil {
			r.Groups = append(r.Groups, g)
		}
	}
	var out []Run
	for _, r := range byID {
		ms, err := membersOf(ctx, admin, r.Groups)
		if err != nil {
			return nil, err
		}
		for _, ids := range ms {
			r.Members += len(ids)
		}
		slices.Sort(r.Groups)
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Run) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// membersOf are the member ids of groups of any type.
func membersOf(ctx context.Context, admin *kadm.Client, groups []string) (map[string][]string, error) {
	out := map[string][]string{}
	for kind, describe := range map[string]func(names []string) error{
		"classic": func(names []string) error {
			ds, err := admin.DescribeGroups(ctx, names...)
			for g, d := range ds {
				for _, m := range d.Members {
					out[g] = append(out[g], m.MemberID)
				}
			}
			return err
		},
		"consumer": func(names []string) error {
			ds, err := admin.DescribeConsumerGroups(ctx, names...)
			for g, d := range ds {
				for _, m := range d.Members {
					out[g] = append(out[g], m.MemberID)
				}
			}
			return err
		},
		"share": func(names []string) error {
			ds, err := admin.DescribeShareGroups(ctx, names...)
			for g, d := range ds {
				for _, m := range d.Members {
					out[g] = append(out[g], m.MemberID)
				}
			}
			return err
		},
	} {
		listed, err := admin.ListGroupsByType(ctx, []string{kind})
		if err != nil {
			return nil, fmt.Errorf("list the %s groups: %w", kind, err)
		}
		names := slices.DeleteFunc(listed.Groups(), func(g string) bool { return !slices.Contains(groups, g) })
		if len(names) == 0 {
			continue
		}
		if err := describe(names); err != nil {
			return nil, fmt.Errorf("describe the %s groups: %w", kind, err)
		}
	}
	return out, nil
}

// Clean removes the topics and groups of a run, its members put out first. The error names what is left.
func Clean(ctx context.Context, cfg conn.Config, run string) error {
	if cfg.ReadOnly {
		return fmt.Errorf("clean run %s: %w", run, conn.ErrReadOnly)
	}
	if _, ok := startOf(run); !ok {
		return fmt.Errorf("clean run %q: no demo has such an id", run)
	}
	admin, err := openAdmin(cfg)
	if err != nil {
		return err
	}
	defer admin.Close()
	ctx, cancel := context.WithTimeout(ctx, cleanWithin)
	defer cancel()
	for {
		left, err := cleanOnce(ctx, admin, run)
		if err == nil && left == "" {
			return nil
		}
		if wait.For(ctx, 5*statusEvery) != nil {
			return errors.Join(fmt.Errorf("clean run %s: left are %s", run, left), err)
		}
	}
}

// cleanOnce removes what can be removed now and names the rest.
func cleanOnce(ctx context.Context, admin *cleaner, run string) (left string, err error) {
	runs, err := runsOf(ctx, admin.Client)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(runs, func(r Run) bool { return r.ID == run })
	if at < 0 {
		return "", nil
	}
	r := runs[at]
	if r.Members > 0 {
		putOut(ctx, admin, r.Groups)
	}
	if len(r.Groups) > 0 {
		if _, err := admin.DeleteGroups(ctx, r.Groups...); err != nil {
			return "", fmt.Errorf("delete the groups: %w", err)
		}
	}
	if len(r.Topics) > 0 {
		if _, err := admin.DeleteTopics(ctx, r.Topics...); err != nil {
			return "", fmt.Errorf("delete the topics: %w", err)
		}
	}
	return strings.Join(append(r.Groups, r.Topics...), ", "), nil
}

// putOut makes members leave that said nothing. Share groups refuse that: their members' sessions end.
func putOut(ctx context.Context, admin *cleaner, groups []string) {
	members, err := membersOf(ctx, admin.Client, groups)
	if err != nil {
		return // seen again by the next try
	}
	for g, ids := range members {
		req := kmsg.NewPtrLeaveGroupRequest()
		req.Group = g
		for _, id := range ids {
			m := kmsg.NewLeaveGroupRequestMember()
			m.MemberID = id
			req.Members = append(req.Members, m)
		}
		_, _ = req.RequestWith(ctx, admin.cl)
	}
}
