Describe 'Webhooks' {
    BeforeAll {
        . $PSScriptRoot/Setup.ps1
        Enter-TestAccount $TestDrive
        Start-TestSandbox | Out-Null
    }

    AfterAll { Exit-TestAccount }

    It 'registers a webhook, without showing its secret' {
        $webhook = Register-MeshiaWebhook https://hooks.example/one -Event session.stopped, Experiment.Failed -Secret canary-of-a-secret

        $webhook.Events | Should -Be session.stopped, experiment.failed
        ($webhook, (Get-MeshiaWebhook $webhook.Id) | Format-List * -Force | Out-String) | Should -Not -Match canary
    }

    It 'registers every event' {
        (Register-MeshiaWebhook https://hooks.example/all -AllEvents).Events.Count | Should -Be 8
    }

    It 'refuses <what>' -ForEach @(
        @{ What = 'an address without https'; Uri = 'http://hooks.example/x'; Event = 'session.stopped' }
        @{ What = 'an unknown event'; Uri = 'https://hooks.example/x'; Event = 'session.exploded' }
    ) {
        { Register-MeshiaWebhook $uri $event } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*'
    }

    It 'lists by address' {
        Register-MeshiaWebhook https://elsewhere.example/a session.stopped | Out-Null

        (Get-MeshiaWebhook -Uri https://elsewhere.example/*).Url | Should -Be https://elsewhere.example/a
    }

    It 'unregisters, and says which was not there' {
        $webhook = Register-MeshiaWebhook https://hooks.example/gone session.stopped

        $webhook | Unregister-MeshiaWebhook -WhatIf
        (Get-MeshiaWebhook $webhook.Id).Id | Should -Be $webhook.Id
        $webhook | Unregister-MeshiaWebhook -Confirm:$false
        Get-MeshiaWebhook $webhook.Id -ErrorVariable failure -ErrorAction SilentlyContinue
        $failure[0].FullyQualifiedErrorId | Should -BeLike 'webhook_not_found,*'
    }
}
