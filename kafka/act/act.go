// Package act is what all plans share when they are carried out: the audit that is written first. What is planned,
// sent and read back belongs to the packages of the plans.
package act

// Recorder keeps the audit. Begin returns once the intent is safe; with an error nothing may be done. finish
// records what came of it, and is to be called exactly once.
type Recorder interface {
	Begin(action, group string, plan any) (finish func(outcome any, failed error) error, err error)
}
