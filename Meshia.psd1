@{
    RootModule             = 'Meshia.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '5c1f1f3e-6d55-4f0b-9a0e-0c7f2f0f6a41'
    Author                 = 'Meshia'
    CompanyName            = 'Meshia'
    Copyright              = '(c) Meshia contributors. MIT License.'
    Description            = 'Automates the Meshia GPU research platform: sessions, experiments, artifacts and webhooks. The module Meshia.Sandbox adds a local service, to write and test runbooks without an account, a network or a bill.'
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions   = @('Core', 'Desktop')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Compare-MeshiaExperiment'
        'Connect-Meshia'
        'ConvertFrom-MeshiaWebhook'
        'Disconnect-Meshia'
        'Export-MeshiaComparison'
        'Export-MeshiaHistory'
        'Get-MeshiaArtifact'
        'Get-MeshiaConnection'
        'Get-MeshiaExperiment'
        'Get-MeshiaRateLimit'
        'Get-MeshiaSession'
        'Get-MeshiaUsage'
        'Get-MeshiaWebhook'
        'Invoke-MeshiaRequest'
        'New-MeshiaSession'
        'Publish-MeshiaComparison'
        'Receive-MeshiaWebhook'
        'Register-MeshiaWebhook'
        'Save-MeshiaArtifact'
        'Send-MeshiaWebhook'
        'Stop-MeshiaSession'
        'Sync-MeshiaExperiment'
        'Test-MeshiaConnection'
        'Test-MeshiaExperiment'
        'Test-MeshiaWebhookSignature'
        'Unregister-MeshiaWebhook'
        'Use-MeshiaSession'
        'Wait-MeshiaExperiment'
        'Wait-MeshiaSession'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @('Meshia', 'GPU', 'MachineLearning', 'REST', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://github.com/meshia/Meshia.PowerShell/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/meshia/Meshia.PowerShell'
            ReleaseNotes = 'https://github.com/meshia/Meshia.PowerShell/blob/main/CHANGELOG.md'
        }
    }
}
