using System.Text;
using Meshia.Views;

// dotnet Meshia.Views.dll <folder> <module>: writes both files of the module into the folder.
var isSandbox = args[1] == "Meshia.Sandbox";
var columns = isSandbox ? "Meshia.PowerShell.SandboxColumns" : "Meshia.PowerShell.ViewColumns";
TypeView[] types = isSandbox ? [SandboxViews.Sandbox, SandboxViews.Fault, SandboxViews.Request, SandboxViews.Delivery, SandboxViews.Clock] :
[
    SessionView.Session, SessionView.Usage,
    ExperimentView.Experiment, ExperimentView.SyncResult,
    ComparisonViews.Comparison, ComparisonViews.Row, ComparisonViews.MetricTest, ComparisonViews.Published,
    ArtifactViews.Artifact, ArtifactViews.Saved,
    WebhookViews.Event, WebhookViews.Completed, WebhookViews.Failed, WebhookViews.Delivery, WebhookViews.Webhook,
    ConnectionViews.Connection, ConnectionViews.Profile, ConnectionViews.Test, ConnectionViews.RateLimit, ConnectionViews.RateLimitCommand,
];
var folder = Directory.CreateDirectory(args[0]).FullName;
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
File.WriteAllText(Path.Combine(folder, $"{args[1]}.format.ps1xml"), FormatFile.Write(types), encoding);
File.WriteAllText(Path.Combine(folder, $"{args[1]}.types.ps1xml"), TypesFile.Write(types, columns), encoding);
