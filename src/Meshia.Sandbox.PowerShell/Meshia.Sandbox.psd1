@{
    RootModule             = 'Meshia.Sandbox.psm1'
    ModuleVersion          = '0.1.0'
    GUID                   = '0f6b7a52-6f0a-4a0c-9d6e-7a2d7f0f1c6e'
    Author                 = 'Meshia'
    CompanyName            = 'Meshia'
    Copyright              = '(c) Meshia contributors. MIT License.'
    Description            = 'A local service that behaves like the Meshia API, to write and test runbooks without an account, a network or a bill. It has faults, a clock and a journal. The module needs Meshia and the runtime of .NET 10 with ASP.NET Core.'
    PowerShellVersion      = '5.1'
    DotNetFrameworkVersion = '4.7.2'
    CompatiblePSEditions   = @('Core', 'Desktop')
    FunctionsToExport      = @()
    AliasesToExport        = @()
    VariablesToExport      = @()
    CmdletsToExport        = @(
        'Add-MeshiaSandboxExperiment'
        'Add-MeshiaSandboxFault'
        'Clear-MeshiaSandboxRequest'
        'Export-MeshiaSandboxState'
        'Get-MeshiaSandbox'
        'Get-MeshiaSandboxDelivery'
        'Get-MeshiaSandboxFault'
        'Get-MeshiaSandboxRequest'
        'Import-MeshiaSandboxState'
        'Remove-MeshiaSandboxFault'
        'Reset-MeshiaSandbox'
        'Select-MeshiaSandbox'
        'Send-MeshiaSandboxEvent'
        'Start-MeshiaSandbox'
        'Step-MeshiaSandbox'
        'Stop-MeshiaSandbox'
    )
    PrivateData            = @{
        PSData = @{
            Tags         = @('Meshia', 'GPU', 'REST', 'Sandbox', 'Testing', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://github.com/meshia/Meshia.PowerShell/blob/main/LICENSE'
            ProjectUri   = 'https://github.com/meshia/Meshia.PowerShell'
            ReleaseNotes = 'https://github.com/meshia/Meshia.PowerShell/blob/main/CHANGELOG.md'
        }
    }
}
