package kafkatest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"lagtop/kafka/kafkatest/wire"
)

// keeperPackage is built for each cluster that is started; the go command caches the work.
const keeperPackage = "lagtop/kafka/kafkatest/keeper"

// keeper is a connection to the process that runs the brokers. While it is open the brokers run.
type keeper struct {
	conn net.Conn
	out  *json.Encoder
	in   *json.Decoder
	cmd  *exec.Cmd // of a private cluster
}

// close lets go of the brokers, and waits for the end of private ones.
func (k *keeper) close() {
	_ = k.conn.Close()
	if k.cmd != nil {
		_ = k.cmd.Wait()
	}
}

func (k *keeper) ask(r wire.Request) error {
	if err := k.out.Encode(r); err != nil {
		return err
	}
	var a wire.Reply
	if err := k.in.Decode(&a); err != nil {
		return err
	}
	if a.Err != "" {
		return errors.New(a.Err)
	}
	return nil
}

// join connects to the shared keeper, starting one where none answers, and waits until its brokers serve.
func join(ctx context.Context, o wire.Order) (*keeper, wire.Cluster, error) {
	base, err := sharedFolder()
	if err != nil {
		return nil, wire.Cluster{}, err
	}
	o.Socket = filepath.Join(base, "socket")
	for {
		conn, err := dialOrLaunch(ctx, base, o)
		if err != nil {
			return nil, wire.Cluster{}, err
		}
		k, where, err := greet(ctx, conn)
		if !errors.Is(err, errGone) || ctx.Err() != nil {
			return k, where, err
		}
	}
}

// private starts a keeper for one test and waits until its brokers serve.
func private(ctx context.Context, o wire.Order) (*keeper, wire.Cluster, error) {
	dir, err := os.MkdirTemp("", "lagtop-kafka-")
	if err != nil {
		return nil, wire.Cluster{}, fmt.Errorf("own cluster: %w", err)
	}
	o.Dir, o.Socket = dir, filepath.Join(dir, "socket")
	conn, cmd, err := launch(ctx, o)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, wire.Cluster{}, err
	}
	k, where, err := greet(ctx, conn)
	if err != nil {
		_ = cmd.Wait()
		return nil, wire.Cluster{}, err
	}
	k.cmd = cmd
	return k, where, nil
}

// errGone is a keeper that was on its way out when we connected.
var errGone = errors.New("the keeper has gone")

// greet waits for the keeper's word that the brokers serve.
func greet(ctx context.Context, conn net.Conn) (*keeper, wire.Cluster, error) {
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	k := &keeper{conn: conn, out: json.NewEncoder(conn), in: json.NewDecoder(conn)}
	var hello wire.Reply
	if err := k.in.Decode(&hello); err != nil {
		k.close()
		return nil, wire.Cluster{}, fmt.Errorf("await the brokers: %w: %w", errGone, err)
	}
	if hello.Err != "" {
		k.close()
		return nil, wire.Cluster{}, fmt.Errorf("start the brokers: %s", hello.Err)
	}
	return k, *hello.Cluster, nil
}

// sharedFolder holds the lock and the socket by which the packages of a test run find each other.
// The number changes with what a keeper understands.
func sharedFolder() (string, error) {
	d := filepath.Join(os.TempDir(), fmt.Sprintf("lagtop-test-%d-%s-1", os.Getuid(), Version))
	if err := os.MkdirAll(d, 0o700); err != nil {
		return "", fmt.Errorf("shared cluster: %w", err)
	}
	return d, nil
}

// dialOrLaunch connects to the shared keeper. The lock lets one process start it.
func dialOrLaunch(ctx context.Context, base string, o wire.Order) (net.Conn, error) {
	unlock, err := lock(ctx, filepath.Join(base, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if conn, err := net.Dial("unix", o.Socket); err == nil {
		return conn, nil
	}
	_ = os.Remove(o.Socket) // of a keeper that was killed
	last := filepath.Join(base, "last")
	if dir, err := os.ReadFile(last); err == nil {
		_ = os.RemoveAll(string(dir)) // what that keeper could not remove
	}
	if o.Dir, err = os.MkdirTemp("", "lagtop-kafka-"); err != nil {
		return nil, fmt.Errorf("shared cluster: %w", err)
	}
	if err := os.WriteFile(last, []byte(o.Dir), 0o600); err != nil {
		return nil, fmt.Errorf("shared cluster: %w", err)
	}
	conn, cmd, err := launch(ctx, o)
	if err != nil {
		_ = os.RemoveAll(o.Dir)
		return nil, err
	}
	return conn, cmd.Process.Release()
}

// launch builds and starts a keeper and connects to it. It is ours to wait for; for a shared one
// nobody does, since it outlives this test.
func launch(ctx context.Context, o wire.Order) (net.Conn, *exec.Cmd, error) {
	if err := javaServes(ctx); err != nil {
		return nil, nil, err
	}
	bin := filepath.Join(o.Dir, "keeper")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", bin, keeperPackage).CombinedOutput(); err != nil {
		return nil, nil, fmt.Errorf("build the keeper: %w\n%s", err, out)
	}
	cmd, err := spawn(bin, o)
	if err != nil {
		return nil, nil, fmt.Errorf("start the keeper: %w", err)
	}
	conn, err := net.Dial("unix", o.Socket)
	if err != nil {
		return nil, nil, fmt.Errorf("start the keeper: %w", err)
	}
	return conn, cmd, nil
}

// spawn starts the keeper in a session of its own and waits until it listens. It gets no file of ours
// but the pipe to say so, because `go test` waits for whoever holds its output.
func spawn(bin string, o wire.Order) (*exec.Cmd, error) {
	log, err := os.Create(filepath.Join(o.Dir, "keeper.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	listens, itsEnd, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() { _ = listens.Close() }()
	order, err := json.Marshal(o)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(bin, string(order))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = []*os.File{itsEnd}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = cmd.Start()
	_ = itsEnd.Close()
	if err != nil {
		return nil, err
	}
	_ = listens.SetReadDeadline(time.Now().Add(30 * time.Second))
	if _, err := listens.Read(make([]byte, 1)); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		said, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("it does not listen: %w\n%s", err, said)
	}
	return cmd, nil
}
