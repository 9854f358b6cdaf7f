using System.Text;
using Meshia.Views;

// dotnet Meshia.Views.dll <folder>: writes both files into the folder.
TypeView[] types =
[
    SessionView.Session,
    ExperimentView.Experiment,
    ComparisonViews.Comparison, ComparisonViews.Row, ComparisonViews.MetricTest,
    ArtifactViews.Artifact, ArtifactViews.Saved,
    WebhookViews.Event, WebhookViews.Completed, WebhookViews.Failed, WebhookViews.Delivery, WebhookViews.Webhook,
    ConnectionViews.Connection, ConnectionViews.Profile, ConnectionViews.Test, ConnectionViews.RateLimit, ConnectionViews.RateLimitCommand,
    SandboxView.Sandbox,
];
var folder = Directory.CreateDirectory(args[0]).FullName;
var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
File.WriteAllText(Path.Combine(folder, "Meshia.format.ps1xml"), FormatFile.Write(types), encoding);
File.WriteAllText(Path.Combine(folder, "Meshia.types.ps1xml"), TypesFile.Write(types), encoding);
