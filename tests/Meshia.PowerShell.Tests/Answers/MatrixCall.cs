namespace Meshia.PowerShell.Tests;

/// <summary>A call of a cmdlet that talks to the service.</summary>
/// <param name="Cmdlet">Its name.</param>
/// <param name="Script">The call.</param>
internal sealed record MatrixCall(string Cmdlet, string Script)
{
    /// <summary>Whether it does not look into the JSON.</summary>
    public bool IsGeneric => Cmdlet is "Invoke-MeshiaRequest" or "Test-MeshiaConnection";

    /// <summary>Whether it does not repeat a request, but looks again later and says so.</summary>
    public bool IsWaiting => Cmdlet is "Use-MeshiaSession" || Cmdlet.StartsWith("Wait-", StringComparison.Ordinal);

    /// <summary>One or more calls of each. The test fails where a cmdlet of the module is missing here.</summary>
    public static IReadOnlyList<MatrixCall> All { get; } =
    [
        new("Compare-MeshiaExperiment", "Compare-MeshiaExperiment exp_1, exp_2"),
        new("Get-MeshiaArtifact", "Get-MeshiaArtifact exp_1"),
        new("Get-MeshiaExperiment", "Get-MeshiaExperiment exp_1"),
        new("Get-MeshiaExperiment", "Get-MeshiaExperiment -SessionId sess_1"),
        new("Get-MeshiaSession", "Get-MeshiaSession"),
        new("Get-MeshiaSession", "Get-MeshiaSession sess_1"),
        new("Get-MeshiaUsage", "Get-MeshiaUsage 2025-01-01"),
        new("Get-MeshiaWebhook", "Get-MeshiaWebhook"),
        new("Get-MeshiaWebhook", "Get-MeshiaWebhook wh_1, wh_2"),
        new("Invoke-MeshiaRequest", "Invoke-MeshiaRequest /experiments/exp_1"),
        new("New-MeshiaSession", "New-MeshiaSession matrix rtx4090 github:user/repo"),
        new("Register-MeshiaWebhook", "Register-MeshiaWebhook https://matrix.example/hook plan.completed, plan.needs_input -Force"),
        new("Save-MeshiaArtifact", "Save-MeshiaArtifact art_1 -ExperimentId exp_1 -Destination $folder -Force"),
        new("Stop-MeshiaSession", "Stop-MeshiaSession sess_1 -PassThru"),
        new("Sync-MeshiaExperiment", "Sync-MeshiaExperiment (Join-Path $folder ([guid]::NewGuid())) sess_1 -IncludeArtifact *"),
        new("Test-MeshiaConnection", "Test-MeshiaConnection"),
        new("Test-MeshiaExperiment", "Test-MeshiaExperiment exp_2 -Baseline exp_1 -Metric loss -Goal @{ loss = 'Minimize' }"),
        new("Unregister-MeshiaWebhook", "Unregister-MeshiaWebhook wh_1 -Confirm:$false"),
        new("Use-MeshiaSession", "Use-MeshiaSession -Gpu rtx4090 -Name matrix -Repo github:user/repo -TimeoutSeconds 200 { param($session) $session }"),
        new("Wait-MeshiaExperiment", "Wait-MeshiaExperiment exp_1 -TimeoutSeconds 0"),
        new("Wait-MeshiaSession", "Wait-MeshiaSession sess_1 -TimeoutSeconds 0"),
    ];

    /// <summary>Cmdlets with -Connection that send nothing.</summary>
    public static string[] Silent { get; } = ["Get-MeshiaRateLimit"];
}
