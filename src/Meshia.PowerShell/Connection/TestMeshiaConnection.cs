using System.Management.Automation;

namespace Meshia.PowerShell;

/// <summary><c>Test-MeshiaConnection</c>: tells whether the service answers, and takes the key.</summary>
[Cmdlet(VerbsDiagnostic.Test, "MeshiaConnection", DefaultParameterSetName = ReportSet, HelpUri = HelpAddress.Base + "Test-MeshiaConnection.md")]
[OutputType(typeof(ConnectionTest), ParameterSetName = [ReportSet])]
[OutputType(typeof(bool), ParameterSetName = [QuietSet])]
public sealed class TestMeshiaConnection : MeshiaCmdlet
{
    private const string ReportSet = "Report";
    private const string QuietSet = "Quiet";

    /// <summary>Writes only whether the service answers and takes the key.</summary>
    [Parameter(Mandatory = true, ParameterSetName = QuietSet)]
    public SwitchParameter Quiet { get; set; }

    /// <summary>How long to wait for an answer.</summary>
    [Parameter]
    [ValidateRange(1, 3600)]
    public int TimeoutSeconds { get; set; } = 15;

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet && TryConnect() is { } missing)
        {
            // -Quiet asks whether work can begin, and it cannot.
            WriteVerbose($"{missing:long}");
            WriteObject(false);
            return;
        }

        RunFor(Client.BaseUri, async cancellationToken =>
        {
            var test = await Client.TestAsync(TimeSpan.FromSeconds(TimeoutSeconds), Call, cancellationToken).ConfigureAwait(false);
            if (test is { IsReachable: true, IsAuthenticated: false })
                RefuseKey();
            await EmitAsync(Quiet ? test.IsAuthenticated : test).ConfigureAwait(false);
        });
    }
}
