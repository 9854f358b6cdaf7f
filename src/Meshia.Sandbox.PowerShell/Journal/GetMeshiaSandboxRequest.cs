using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Get-MeshiaSandboxRequest</c>: gets the requests that the sandbox was sent, with their answers.</summary>
[Cmdlet(VerbsCommon.Get, "MeshiaSandboxRequest", HelpUri = HelpAddress.Base + "Get-MeshiaSandboxRequest.md")]
[OutputType(typeof(SandboxRequest))]
public sealed class GetMeshiaSandboxRequest : SandboxCmdlet
{
    /// <summary>Only requests of this method.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(MethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Method { get; set; }

    /// <summary>Only requests of this path, such as <c>/sessions</c> or <c>/sessions/{id}</c>. A <c>*</c> stands for anything.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(RequestPathCompleter))]
    [ValidateText("^[/*]", Example = "/sessions")]
    [SupportsWildcards]
    public string? Path { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        var query = string.Join("&", new[] { ("method", Method), ("path", Path) }.Where(filter => filter.Item2 is not null).Select(filter => $"{filter.Item1}={Uri.EscapeDataString(filter.Item2!)}"));
        RunFor(null, async (sandbox, cancellationToken) =>
        {
            foreach (var request in (await sandbox.SendAsync("GET", $"requests?{query}", null, cancellationToken).ConfigureAwait(false)).All("requests", SandboxAnswer.Of(fields => new SandboxRequest(fields))))
                await EmitAsync(request).ConfigureAwait(false);
        });
    }
}

/// <summary>The methods that the API has.</summary>
internal sealed class MethodCompleter() : WordCompleter(("GET", "reads"), ("POST", "creates, stops, compares"), ("DELETE", "removes"));

/// <summary>The paths that the API has.</summary>
internal sealed class RequestPathCompleter() : WordCompleter(
    ("/sessions", "list or create"),
    ("/sessions/{id}", "one session"),
    ("/sessions/{id}/stop", "stopping a session"),
    ("/sessions/{id}/experiments", "the experiments of a session"),
    ("/experiments/{id}", "one experiment"),
    ("/experiments/compare", "comparing experiments"),
    ("/experiments/{id}/artifacts", "the artifacts of an experiment"),
    ("/artifacts/{id}/download", "the address of a download"),
    ("/webhooks", "list or create"),
    ("/webhooks/{id}", "removing a webhook"));
