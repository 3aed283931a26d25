package translator

// Class says what becomes of an ECS field.
type Class string

const (
	// Translated: the field is in the Kubernetes object that the finding names.
	Translated Class = "Translated"
	// Represented: the field is stored and given back; it changes nothing in what runs.
	Represented Class = "Represented"
	// Refused: no pod is made of a definition or call that has the field.
	Refused Class = "Refused"
	// Ignored: the field has no effect, and the rule says why the task behaves
	// the same to its user.
	Ignored Class = "Ignored"
)

// Document names what an ECS pointer points into.
type Document string

const (
	// TaskDefinition is ECS's TaskDefinition.
	TaskDefinition Document = "TaskDefinition"
	// DaemonTaskDefinition is ECS's DaemonTaskDefinition.
	DaemonTaskDefinition Document = "DaemonTaskDefinition"
	// ExpressService is the input of CreateExpressGatewayService and its update.
	ExpressService Document = "ExpressService"
	// Daemon is CreateDaemon's input, and UpdateDaemon's.
	Daemon Document = "Daemon"
	// Task is what a call says about its tasks: the members that RunTask,
	// StartTask, CreateService and UpdateService share.
	Task Document = "Task"
	// Service is the rest of CreateService's input.
	Service Document = "Service"
	// TaskSet is what CreateTaskSet's input has besides.
	TaskSet Document = "TaskSet"
)

// Finding is what became of one ECS field.
type Finding struct {
	// Document and ECS say where the field is: a JSON pointer into the document.
	Document Document `json:"document"`
	ECS      string   `json:"ecs"`
	// Object is the kind of the Kubernetes object and Kubernetes a JSON pointer
	// into it; empty where the field went nowhere.
	Object     string `json:"object,omitempty"`
	Kubernetes string `json:"kubernetes,omitempty"`
	Class      Class  `json:"class"`
	// Rule is the rule that was followed, in words.
	Rule string `json:"rule"`
}

// Message is the text of a refusal, as an ECS exception carries it.
func (f Finding) Message() string {
	return f.ECS + ": " + f.Rule
}

// Refusals are the findings that forbid what was asked for.
func Refusals(findings []Finding) []Finding {
	var refused []Finding
	for _, f := range findings {
		if f.Class == Refused {
			refused = append(refused, f)
		}
	}
	return refused
}

// Warnings are the findings that the author of a document should hear of though
// nothing fails yet: what has no effect, and what no pod is made with.
func Warnings(findings []Finding) []Finding {
	var warnings []Finding
	for _, f := range findings {
		if f.Class == Ignored || f.Class == Refused {
			warnings = append(warnings, f)
		}
	}
	return warnings
}

// source is the place of an ECS value.
type source struct {
	document Document
	pointer  string
}

func (s source) child(name string) source {
	return source{s.document, s.pointer + "/" + escapePointer(name)}
}
